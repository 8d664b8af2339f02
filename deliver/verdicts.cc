// What the replies of a dialogue mean for its recipients: Dialogue's part without awaits.

#include "deliver/dialogue.h"
#include "deliver/reply_words.h"

namespace waypost::deliver {

Outcome Dialogue::meaning_of(Stage stage, const Reply& reply) const {
  const bool offered = transport_.tls == TlsPolicy::opportunistic && peer_.offered.starttls;
  Outcome outcome = reply_outcome(stage, reply);
  return offered && !peer_.encrypted() ? without_offered_tls(std::move(outcome)) : outcome;
}

void Dialogue::take_reply(const Command& command, const Reply& reply) {
  if (command.stage != Stage::connect) ++replies_;
  const std::size_t i = command.recipient;
  const bool senseless =
      command.stage == Stage::data ? reply.code < 400 && reply.code != 354 : reply.intermediate();
  if (senseless) peer_.give_up();
  switch (command.stage) {
  case Stage::mail:
    if (!reply.positive()) mail_refused_ = reply;
    if (reply.positive()) peer_.open_transaction = true;
    break;
  case Stage::rcpt:
    if (mail_refused_) { // "503 need MAIL first" says nothing about the recipient
      if (reply.positive()) peer_.give_up();
      break;
    }
    if (reply.positive()) {
      accepted_[i] = true;
      ++accepted_count_;
    } else if (accepted_count_ > 0 && says_too_many_recipients(reply)) {
      too_many_[i] = true;
    } else {
      verdicts_[i] = reply.intermediate()
                         ? protocol_error(Stage::rcpt, "unexpected " + reply.one_line())
                         : meaning_of(Stage::rcpt, reply);
    }
    break;
  case Stage::data: data_reply_ = reply; break;
  case Stage::connect: // RSET in front of MAIL
    peer_.open_transaction = false;
    if (reply.code == 421) mail_refused_ = reply;
    break;
  case Stage::greeting:
  case Stage::ehlo:
  case Stage::starttls:
  case Stage::auth:
  case Stage::final_dot: break;
  }
}

void Dialogue::take_final_reply(const Result<Reply>& reply, bool dot_sent) {
  if (!reply && !dot_sent) {
    trouble_ = missing_reply(Stage::data, reply.error());
    return;
  }
  Outcome outcome;
  if (!reply) {
    outcome = missing_reply(Stage::final_dot, reply.error());
  } else if (!dot_sent && !reply->permanent() && !reply->transient()) {
    outcome = protocol_error(Stage::data, "before the message was sent: " + reply->one_line());
  } else if (reply->intermediate()) {
    outcome = protocol_error(Stage::final_dot, "unexpected " + reply->one_line());
    peer_.give_up();
  } else {
    outcome = meaning_of(Stage::final_dot, *reply);
  }
  if (dot_sent) peer_.open_transaction = false;
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (!accepted_[i]) continue;
    verdicts_[i] = outcome;
    // RFC 3461 5.2.2: the next host will not tell of its success.
    const Notify& notify = job_.recipients[recipients_[i]].recipient.notify;
    const bool told = notify.given && notify.success && !peer_.offered.dsn;
    if (told && outcome.disposition == Disposition::delivered) {
      verdicts_[i]->disposition = Disposition::relayed;
    }
  }
}

// In the order MAIL, RCPT, DATA: an earlier refusal explains the later ones.
Verdicts Dialogue::conclude() {
  Verdicts verdicts;
  verdicts.hopeless = hopeless_;
  verdicts.stale = reused_ && trouble_ && replies_ == 0;
  // A connection that was kept too long says 421 to the next MAIL: another one may do.
  if (reused_ && mail_refused_ && mail_refused_->code == 421) verdicts.stale = true;
  if (verdicts.stale && !trouble_) trouble_ = reply_outcome(Stage::mail, *mail_refused_);
  std::optional<Outcome> common;
  if (mail_refused_ && !verdicts.stale) {
    common = mail_refused_->intermediate()
                 ? protocol_error(Stage::mail, "unexpected " + mail_refused_->one_line())
                 : meaning_of(Stage::mail, *mail_refused_);
  } else if (data_reply_ && data_reply_->code != 354) {
    common = data_reply_->code < 400
                 ? protocol_error(Stage::data, "unexpected " + data_reply_->one_line())
                 : meaning_of(Stage::data, *data_reply_);
  }
  if (mail_refused_ && common && another_host_may_do(*common)) verdicts.elsewhere = common;
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (verdicts_[i]) {
      verdicts.settled.push_back({recipients_[i], std::move(*verdicts_[i])});
    } else if (common && !too_many_[i]) {
      verdicts.settled.push_back({recipients_[i], *common});
    } else {
      verdicts.left.push_back(recipients_[i]);
    }
  }
  if (!verdicts.left.empty()) verdicts.trouble = std::move(trouble_);
  return verdicts;
}

} // namespace waypost::deliver
