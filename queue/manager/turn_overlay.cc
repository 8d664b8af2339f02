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

// From here on, routes, notices and transactions know it alone.
void Turn::use_rewritten_sender() {
  if (facts_.sender.empty() || sender_.sender.null()) return;
  Result<Address> sender = Address::parse(facts_.sender);
  if (sender) sender_.sender = std::move(*sender);
}

// Signed is signed: it leaves so at every attempt. Until then each turn asks anew, so that a key
// that was mended, or a setting that was changed, is used.
void Turn::ask_overlay() {
  const bool needed = file_->count(Mark::pending) > 0 && facts_.signature.empty() && !facts_.held &&
                      !facts_.dropped && host_.wants_overlay(account_);
  if (!needed) return begin_delivery();
  OverlayRequest request;
  request.id = id().text();
  request.account = account_;
  request.sender = sender_.sender.text();
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
  const Result<bool> kept = keep_overlay(*answer);
  if (!kept) return try_later("overlay", kept.error());
  if (!*kept) return begin_delivery();
  sync([self = shared_from_this()](const Result<>& done) {
    if (!done) return self->try_later("overlay", done.error());
    self->begin_delivery();
  });
}

// Writes down what is not known yet. True: something was, which is to be flushed. Where one of them
// cannot be written, the message waits for room.
Result<bool> Turn::keep_overlay(const OverlayAnswer& answer) {
  std::vector<Overlay> news;
  if (!answer.sender.empty() && answer.sender != facts_.sender)
    news.push_back({Overlay::Part::sender, 0, answer.sender});
  if (answer.skip > 0 && (answer.headers != facts_.headers || answer.skip != facts_.skip))
    news.push_back({Overlay::Part::headers, answer.skip, answer.headers});
  if (!answer.signature.empty()) news.push_back({Overlay::Part::signature, 0, answer.signature});
  ProgressFold fold({});
  for (Overlay& one : news) {
    const HistoryEntry entry = overlay_entry(host_.time().now(), std::move(one));
    const Result<> appended = file_->append_history(entry);
    if (!appended) return std::unexpected(appended.error());
    fold.take(entry);
  }
  const MessageFacts& learnt = fold.facts();
  if (!learnt.sender.empty()) facts_.sender = learnt.sender;
  if (learnt.skip > 0) {
    facts_.headers = learnt.headers;
    facts_.skip = learnt.skip;
  }
  if (!learnt.signature.empty()) facts_.signature = learnt.signature;
  use_rewritten_sender();
  known_history_ = file_->history_end();
  return !news.empty();
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
