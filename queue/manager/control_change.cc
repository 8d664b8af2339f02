#include "queue/manager/control_change.h"

namespace waypost::queue {
namespace {

constexpr int kStepsAtOnce = 50;
constexpr int kChangesAtOnce = 16; // on four work threads; a flush or two each

} // namespace

void ControlChange::UnderWay::ended(const std::string& id, const Result<Changed>& result) {
  --open;
  done.emplace_back(id, result);
  if (std::exchange(awaited, false)) resume();
}

ControlChange::ControlChange(Manager& manager, const ControlCaller& caller, ChangeRequest request,
                             std::function<void()> resume)
    : manager_(manager),
      request_(std::move(request)),
      walk_(manager, caller, request_.filter, resume) {
  under_way_->resume = std::move(resume);
  request_.change.by = "uid " + std::to_string(caller.uid);
  if (request_.change.verb == Verb::kick && !request_.dry) manager_.begin_kick();
}

ControlAnswer::State ControlChange::slice(ControlSink& sink) {
  under_way_->awaited = false;
  progress_.tell(sink, walk_, manager_.schedule().size());
  for (int i = 0; i < kStepsAtOnce && !sink.full(); ++i) {
    tell_done(sink);
    if (over_) return under_way_->open > 0 ? wait() : finish(sink);
    if (under_way_->open >= kChangesAtOnce) return wait();
    const State state = walk(sink);
    if (state != State::more) return state;
  }
  return State::more;
}

ControlAnswer::State ControlChange::wait() {
  under_way_->awaited = true;
  return State::waiting;
}

ControlAnswer::State ControlChange::finish(ControlSink& sink) {
  for (const std::string& id : walk_.missing())
    tell(sink, id, std::unexpected(Error{ENOENT, "no such message"}));
  send_end(sink, status_, {});
  return State::ended;
}

ControlAnswer::State ControlChange::walk(ControlSink& sink) {
  if (telling_) {
    telling_ = send_some(sink, walk_);
    return State::more;
  }
  switch (walk_.step()) {
  case QueueWalk::Step::again: break;
  case QueueWalk::Step::waits: return wait();
  case QueueWalk::Step::found: begin(sink); break;
  case QueueWalk::Step::unreadable:
    tell(sink, walk_.id().text(), std::unexpected(walk_.error()));
    break;
  case QueueWalk::Step::end: over_ = true; break;
  }
  return State::more;
}

void ControlChange::begin(ControlSink& sink) {
  if (request_.dry) {
    const MessageView& view = walk_.view();
    const ChangePlan plan = plan_change(request_.change, view.facts(),
                                        pending_recipients(view.file()), manager_.time().now());
    telling_ = plan.effect == Effect::changed;
    if (!telling_) tell(sink, walk_.id().text(), Changed{plan.effect, plan.after});
    return;
  }
  ++under_way_->open;
  const std::string id = walk_.id().text();
  manager_.change(walk_.id(), request_.change,
                  [under_way = under_way_, id](const Result<Changed>& done) {
                    // It went by itself between being found and being changed.
                    const bool gone = !done && done.error().code == ENOENT;
                    under_way->ended(id, gone ? Changed{Effect::settled, After::gone} : done);
                  });
}

void ControlChange::tell(ControlSink& sink, const std::string& id, const Result<Changed>& done) {
  status_ = worse_status(status_, done);
  sink.send(changed_record(id, done), {});
}

void ControlChange::tell_done(ControlSink& sink) {
  while (!under_way_->done.empty()) {
    const auto& [id, done] = under_way_->done.front();
    tell(sink, id, done);
    under_way_->done.pop_front();
  }
}

} // namespace waypost::queue
