// Aliases of several: a recipient becomes a message of its own, with the alias's members as its
// recipients, in the way of notices.
//
// The order makes each of them exist exactly once, whenever the manager is killed:
//   message ID.cN in new/, durable (N is the recipient's number: existing already is as good)
//   -> mark `expanded` and history, flushed -> only now it is scheduled
// A list with an owner is where RFC 3461's delivery ends: `delivered_owed` then, where a success
// shall be told. Who finds the child and no mark sees by the child which of them it is.
#include "queue/manager/turn.h"

#include "lib/sys/log.h"
#include "queue/spool/delivered_to.h"

namespace waypost::queue {
namespace {

constexpr BootMs kTroubleWait = 10'000;

// Numbers begin at 1.
std::optional<MessageId> child_of(const MessageId& id, std::uint32_t recipient) {
  return id.derive('c', recipient + 1);
}

Outcome became(const MessageId& child, std::size_t members, bool delivered) {
  Outcome outcome;
  outcome.disposition = delivered ? Disposition::delivered : Disposition::expanded;
  outcome.status = {2, 0, 0};
  outcome.reply = "became message " + child.text() + " with " + std::to_string(members) +
                  (members == 1 ? " recipient" : " recipients");
  return outcome;
}

Outcome goes_round(const std::string& why) {
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.klass = FailureClass::other;
  outcome.code = 550;
  outcome.status = {5, 4, 6}; // RFC 3463 3.5: routing loop
  outcome.reply = "mail loop: " + why;
  outcome.tried = false;
  return outcome;
}

// RFC 3461 5.2.7.3: what was asked of the recipient is asked of whom an alias stands for. 5.2.7.1:
// but not of a list, which has an owner and with that a sender of its own.
Result<std::vector<EnvelopeRecipient>> recipients_of(const RouteAnswer& answer,
                                                     EnvelopeRecipient origin) {
  if (!answer.sender.empty()) origin = EnvelopeRecipient();
  std::vector<EnvelopeRecipient> all;
  all.reserve(answer.members.size());
  for (const std::string& member : answer.members) {
    Result<Address> address = Address::parse(member);
    if (!address) return std::unexpected(address.error());
    all.push_back({std::move(*address), origin.notify, origin.orcpt});
  }
  return all;
}

// RFC 5321 3.9.2: failures behind a list are its owner's to hear of. 4.5.5: what has no sender gets
// none, or two lists could answer each other for ever.
Result<EnvelopeSender> sender_of(const RouteAnswer& answer, const EnvelopeSender& origin) {
  if (answer.sender.empty() || origin.sender.null()) return origin;
  Result<Address> owner = Address::parse(answer.sender);
  if (!owner) return std::unexpected(owner.error());
  EnvelopeSender sender;
  sender.sender = std::move(*owner);
  sender.body = origin.body;
  sender.utf8 = origin.utf8;
  return sender;
}

// What a child that stands in new/ says of the alias that it came out of.
struct StandingChild {
  std::size_t members = 0;
  bool asks_for_success = false; // as it was asked of the alias; a list's does not: recipients_of()
};

Result<StandingChild> read_child(TurnHost& host, const MessageId& child) {
  const Result<MessageFile> file = MessageFile::open(host.fs(), host.dirs().fresh(), child.text());
  if (!file) return std::unexpected(file.error());
  EnvelopeCursor cursor(*file);
  const Result<EnvelopeSender> sender = cursor.sender();
  if (!sender) return std::unexpected(sender.error());
  const Result<EnvelopeRecipient> first = cursor.recipient(0);
  if (!first) return std::unexpected(first.error());
  return StandingChild{file->head().recipients, first->notify.success};
}

} // namespace

std::string full_address(const Address& address, const Settings& settings) {
  return address.domain().empty() ? address.text() + "@" + settings.hostname : address.text();
}

// A child that stands in new/ was made, and the manager died before it noted that.
Result<> Turn::note_standing_children(std::vector<MessageId>& standing) {
  for (const MessageId& child : host_.waiting_for(id())) {
    if (!is_child(child) || !host_.stands(child)) continue;
    for (std::uint32_t n = file_->find(Mark::pending, 0); n < file_->head().recipients;
         n = file_->find(Mark::pending, n + 1)) {
      if (child_of(id(), n) != child) continue;
      const Result<> noted = note_child(n, child);
      if (!noted) return noted;
      break;
    }
    standing.push_back(child);
  }
  return {};
}

// As expanded() would have. Its entry may be there already: it is written before the mark.
Result<> Turn::note_child(std::uint32_t number, const MessageId& child) {
  const Result<StandingChild> made = read_child(host_, child);
  if (!made && made.error().code != 0) return std::unexpected(made.error());
  if (!made) { // damaged: its own turn sets it aside
    static_cast<void>(file_->set_mark(number, Mark::expanded));
    return {};
  }
  EnvelopeCursor cursor(*file_);
  const Result<EnvelopeSender> sender = cursor.sender();
  if (!sender) return std::unexpected(sender.error());
  const Result<EnvelopeRecipient> recipient = cursor.recipient(number);
  if (!recipient) return std::unexpected(recipient.error());
  Result<ProgressFold> fold = fold_of({number});
  if (!fold) return std::unexpected(fold.error());
  const RecipientProgress& before = fold->progress().front();
  const bool told =
      recipient->notify.success && !made->asks_for_success && reporting_ == Reporting::sender;
  const Outcome outcome = became(child, made->members, told);
  if (before.last.disposition != outcome.disposition) {
    HistoryEntry entry;
    entry.time = host_.time().now();
    entry.attempt = before.attempts + 1;
    entry.transaction.groups.push_back({{}, outcome});
    entry.transaction.groups.front().recipients.add(number);
    write_down(entry);
  }
  static_cast<void>(file_->set_mark(number, told ? Mark::delivered_owed : Mark::expanded));
  return {};
}

void Turn::expand(std::uint32_t number, const RouteAnswer& answer) {
  Open& one = open_.at(number);
  one.choice = std::make_shared<const RouteAnswer>(answer);
  one.stage = Stage::expanding;
  const std::optional<MessageId> child = child_of(id(), number);
  if (!child) return fail_expansion(number, "it came out of too many aliases in a row");
  auto recipients = recipients_of(answer, one.recipient);
  if (!recipients) return expansion_fails(number, recipients.error());
  auto sender = sender_of(answer, sender_);
  if (!sender) return expansion_fails(number, sender.error());
  const std::string address = full_address(one.recipient.address, host_.settings());
  struct Made {
    Result<> done;
    bool loops = false;
  };
  const auto made = std::make_shared<Made>();
  const auto make = [self = shared_from_this(), child = *child, address, made,
                     sender = std::move(*sender), recipients = std::move(*recipients)] {
    const MessageHead& head = self->file_->head();
    const MessagePart message{self->file_->fd(), head.message_offset(), head.message_length};
    const Result<bool> before = was_delivered_to(self->host_.fs(), message, address);
    if (!before) {
      made->done = std::unexpected(before.error());
    } else if (*before) {
      made->loops = true;
    } else {
      made->done = self->host_.create_child(child, head, message, sender, recipients,
                                            "Delivered-To: " + address + "\r\n");
    }
  };
  host_.work(make, [self = shared_from_this(), number, child = *child, address, made] {
    if (made->loops)
      return self->fail_expansion(number, "the message was delivered to " + address + " before");
    if (!made->done) return self->expansion_fails(number, made->done.error());
    self->expanded(number, child);
  });
}

void Turn::expanded(std::uint32_t number, const MessageId& child) {
  Open& one = open_.at(number);
  // RFC 3461 5.2.7.1: for a list that is the delivery, and whoever asked to hear of one is told.
  const bool told = !one.choice->sender.empty() && one.recipient.notify.success &&
                    reporting_ == Reporting::sender;
  const Outcome outcome = became(child, one.choice->members.size(), told);
  const Way way{one.progress.attempts + 1, {}, one.choice->rule};
  if (file_->set_mark(number, told ? Mark::delivered_owed : Mark::expanded)) {
    HistoryEntry entry;
    entry.time = host_.time().now();
    entry.attempt = way.attempt;
    entry.rule = way.rule;
    entry.transaction.groups.push_back({{}, outcome});
    entry.transaction.groups.front().recipients.add(number);
    write_down(entry);
    tell_outcome(way, {}, one, outcome);
  }
  const auto again = [self = shared_from_this(), number, child](const Error& error) {
    Log("trouble").id(self->id().text()).add("at", "alias").add("reason", error.text).error();
    self->host_.later(kTroubleWait, [self, number, child] { self->expanded(number, child); });
  };
  const Result<> written = file_->write_marks();
  if (!written) return again(written.error());
  sync([self = shared_from_this(), number, child, again](const Result<>& done) {
    if (!done) return again(done.error());
    self->host_.notice_settled(child);
    self->open_.erase(number);
    self->advance();
  });
}

// Trouble of our own: it waits, which is no attempt.
void Turn::expansion_fails(std::uint32_t number, const Error& error) {
  Log("trouble").id(id().text()).add("at", "alias").add("reason", error.text).error();
  open_.erase(number);
  waits_ = true;
  advance();
}

void Turn::fail_expansion(std::uint32_t number, const std::string& why) {
  const Open& one = open_.at(number);
  const Way way{one.progress.attempts + 1, {}, one.choice->rule};
  Transaction transaction;
  transaction.groups.push_back({{}, goes_round(why)});
  transaction.groups.front().recipients.add(number);
  settle_all(way, transaction, false);
  advance();
}

} // namespace waypost::queue
