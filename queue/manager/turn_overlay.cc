// A turn's beginning: how the message shall leave. Asked before the routes are, because they go by
// the sender that leaves; kept in the history, flushed, before anything is tried.
#include "queue/manager/turn.h"

#include <fcntl.h>

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

HistoryEntry overlay_entry(WallUs now, Overlay overlay) {
  HistoryEntry entry;
  entry.kind = HistoryKind::overlay;
  entry.time = now;
  entry.overlay = std::move(overlay);
  return entry;
}

// What is wrong is ours to mend: it waits, and its sender hears of it when it has waited too long.
Transaction unfit(const std::string& why, Ranges recipients) {
  Outcome outcome;
  outcome.klass = FailureClass::other;
  outcome.status = {4, 3, 5}; // RFC 3463 3.4: the system is not configured as it must be
  outcome.reply = "not tried: " + why;
  outcome.tried = false;
  Transaction transaction;
  transaction.groups.push_back({std::move(recipients), std::move(outcome)});
  return transaction;
}

} // namespace

// The sender that leaves: routes, notices and transactions know it alone. The null sender stays
// null, whatever stands there: RFC 5321 4.5.5, or notices could answer each other for ever.
void Turn::use_rewritten_sender() {
  sender_.sender = handed_in_;
  if (facts_.sender.empty() || handed_in_.null()) return;
  Result<Address> sender = Address::parse(facts_.sender);
  if (sender && !sender->null()) sender_.sender = std::move(*sender);
}

bool Turn::overlaid() const {
  return !facts_.sender.empty() || facts_.skip > 0 || !facts_.signature.empty();
}

// Signed is signed: it leaves so at every attempt. Until then each turn asks anew, so that a key
// that was mended, or a setting that was changed, is used.
void Turn::ask_overlay() {
  const bool may_change = facts_.signature.empty() && (overlaid() || host_.wants_overlay(account_));
  const bool needed =
      may_change && file_->count(Mark::pending) > 0 && !facts_.held && !facts_.dropped;
  if (!needed) return begin_when_flushed(false);
  OverlayRequest request;
  request.id = id().text();
  request.account = account_;
  request.sender = handed_in_.text();
  request.length = file_->head().message_length;
  const auto open_again = [self = shared_from_this()] {
    return self->host_.fs().open_at(self->host_.dirs().cur(self->id()),
                                    cur_name(self->id(), self->start_.name),
                                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
  };
  host_.ask_overlay(std::move(request), open_again,
                    [self = shared_from_this()](const Result<OverlayAnswer>& answer) {
                      self->overlay_told(answer);
                    });
}

void Turn::overlay_told(const Result<OverlayAnswer>& answer) {
  if (!answer) return try_later("overlay", answer.error());
  if (!answer->again.empty()) return try_later("overlay", {0, answer->again});
  why_unsigned_ = answer->why_unsigned;
  why_unsent_ = answer->why_unsent;
  if (!why_unsent_.empty()) return begin_delivery();
  const Result<bool> kept = keep_overlay(*answer);
  if (!kept) return try_later("overlay", kept.error());
  begin_when_flushed(*kept);
}

// Writes down what is not known yet; true: something was. The answer is all that is to be changed:
// what it leaves out and a former one had changed is again as it was, or the signature would be of
// another message. Where something cannot be written, the message waits for room.
Result<bool> Turn::keep_overlay(const OverlayAnswer& answer) {
  std::vector<Overlay> news;
  if (answer.sender != facts_.sender) news.push_back({Overlay::Part::sender, 0, answer.sender});
  if (answer.headers != facts_.headers || answer.skip != facts_.skip)
    news.push_back({Overlay::Part::headers, answer.skip, answer.headers});
  if (!answer.signature.empty()) news.push_back({Overlay::Part::signature, 0, answer.signature});
  for (Overlay& one : news) {
    const Result<> appended =
        file_->append_history(overlay_entry(host_.time().now(), std::move(one)));
    if (!appended) return std::unexpected(appended.error());
  }
  facts_.sender = answer.sender;
  facts_.headers = answer.headers;
  facts_.skip = answer.skip;
  facts_.signature = answer.signature;
  use_rewritten_sender();
  known_history_ = file_->history_end();
  return !news.empty();
}

// An overlay is on the disk before it is used. One that no attempt has used yet may have been
// written by a manager that died before its flush.
void Turn::begin_when_flushed(bool written) {
  if (!written && !(overlaid() && attempts_ == 0)) return begin_delivery();
  sync([self = shared_from_this()](const Result<>& done) {
    if (!done) return self->try_later("overlay", done.error());
    self->begin_delivery();
  });
}

void Turn::begin_delivery() {
  loading_ = true;
  stopped_ = facts_.held || facts_.dropped;
  take_wishes();
  advance();
}

// Why nothing may leave this way; "" when it may.
std::string Turn::why_unfit(const RouteAnswer& choice) const {
  if (is_local_type(choice.type)) return {};
  if (!why_unsent_.empty()) return why_unsent_;
  if (why_unsigned_.empty() || !host_.sends_signatures(choice.transport)) return {};
  return "it cannot be signed: " + why_unsigned_;
}

void Turn::defer_unfit(const RouteAnswer& choice, std::uint32_t attempt,
                       const std::vector<std::uint32_t>& numbers, const std::string& why) {
  Ranges recipients;
  for (const std::uint32_t number : numbers)
    recipients.add(number);
  settle_all({attempt, choice.transport, choice.rule}, unfit(why, std::move(recipients)), false);
  advance();
}

} // namespace waypost::queue
