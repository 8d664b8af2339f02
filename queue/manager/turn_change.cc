// What a person decides about a message while its turn runs.
//
// What is in a job stays in it: its outcome counts. Everything else of the turn is taken back
// before the command is answered, and no further job begins:
//   hold      the rest waits; the turn ends as held
//   drop      the file goes when the last job has come back, whatever the outcomes are
//   bounce    the rest fails now; who comes back undelivered from a job fails then
//   kick      with a transport: the rest goes by it, in a turn that follows at once
//   release   the same, by the routes
//   requeue   counts when the jobs have come back, as they belong to the attempts before it
// A plain kick changes nothing: the message is being tried.
#include "queue/manager/turn.h"

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

// A job came back after its message was bounced.
Outcome too_late(const Outcome& last) {
  Outcome outcome = bounced_by_hand();
  outcome.tried = last.tried;
  if (!last.reply.empty()) outcome.reply += "; the last attempt said: " + last.reply;
  return outcome;
}

} // namespace

void Turn::change(const MessageChange& change, Decided then) {
  if (!loading_) {
    wishes_.push_back({change, std::move(then)});
    return;
  }
  decide(change, then);
  advance();
}

void Turn::take_wishes() {
  const std::vector<Wish> all = std::exchange(wishes_, {});
  for (const Wish& one : all)
    decide(one.change, one.then);
}

// The turn is over: whoever wished something asks again, of the message as it is then.
void Turn::give_wishes_back() {
  const std::vector<Wish> all = std::exchange(wishes_, {});
  for (const Wish& one : all)
    one.then(fail_errno("the turn has ended", EAGAIN));
}

void Turn::decide(const MessageChange& change, const Decided& then) {
  const ChangePlan plan =
      plan_change(change, facts_, pending_recipients(*file_), host_.time().now());
  const Changed changed{plan.effect, plan.after};
  if (plan.effect != Effect::changed) return then(changed);
  if (change.verb == Verb::requeue) {
    requeue_ = plan.entries;
    again_ = !facts_.held;
    return then(changed);
  }
  for (const HistoryEntry& entry : plan.entries) {
    const Result<> written = file_->append_history(entry);
    if (!written) return then(std::unexpected(written.error()));
  }
  take_effect(change);
  if (!plan.sync) return then(changed);
  ++deciding_;
  sync([self = shared_from_this(), then, changed](const Result<>& done) {
    --self->deciding_;
    then(done ? Result<Changed>(changed) : std::unexpected(done.error()));
    self->advance();
  });
}

void Turn::take_effect(const MessageChange& change) {
  switch (change.verb) {
  case Verb::hold: facts_.held = stopped_ = true; break;
  case Verb::drop: facts_.dropped = stopped_ = true; break;
  case Verb::release:
    facts_.held = false;
    stopped_ = again_ = true;
    break;
  case Verb::kick:
    if (!change.hand || *change.hand == facts_.hand) return;
    facts_.hand = *change.hand;
    stopped_ = again_ = true;
    break;
  case Verb::bounce:
    facts_.held = stopped_ = false;
    bounced_ = true;
    break;
  case Verb::requeue: break;
  }
  take_back();
}

// All that is in no job and waits for no answer of the routes. Tickets of theirs that stand in the
// job queue are void: wants().
void Turn::take_back() {
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, one] : open_) {
    const bool idle =
        one.stage == Stage::loaded || one.stage == Stage::routed || one.stage == Stage::queued;
    if (idle) numbers.push_back(number);
  }
  if (bounced_) return fail_by_hand(numbers);
  for (const std::uint32_t number : numbers)
    open_.erase(number);
}

bool Turn::wants(const Ticket& ticket) const {
  if (ended_ || ticket.recipients.empty()) return false;
  const auto at = open_.find(ticket.recipients.front());
  return at != open_.end() && at->second.stage == Stage::queued;
}

// The history has it already.
void Turn::fail_by_hand(const std::vector<std::uint32_t>& numbers) {
  const SettlePolicy policy{age(), host_.settings().expire_after_s, reporting_, false};
  for (const std::uint32_t number : numbers) {
    const Open& one = open_.at(number);
    const Settlement settled =
        settle(bounced_by_hand(), one.recipient.notify, one.progress, policy);
    tell_outcome({one.progress.attempts, {}, {}}, {}, one, settled.outcome);
    wants_flush_ |= file_->set_mark(number, settled.mark);
    open_.erase(number);
  }
}

Outcome Turn::as_decided(const Outcome& outcome) const {
  const bool open =
      outcome.disposition == Disposition::deferred || outcome.disposition == Disposition::moved;
  return bounced_ && open ? too_late(outcome) : outcome;
}

void Turn::requeue_at_end() {
  for (HistoryEntry& entry : requeue_) {
    entry.time = host_.time().now();
    write_down(entry);
  }
}

} // namespace waypost::queue
