#include "queue/manager/control_list.h"

#include "lib/mail/control.h"

namespace waypost::queue {
namespace {

// Steps before the queue has its turn again.
constexpr int kAtOnce = 50;
constexpr std::uint64_t kProgressEach = 1'000;

} // namespace

bool send_some(ControlSink& sink, QueueWalk& walk) {
  const Result<std::vector<RecipientView>> some = walk.view().next(kRecipientsPerAnswer);
  if (!some || some->empty()) return false;
  sink.send(walk.view().record(*some, walk.account(), walk.due()), {});
  return !walk.view().at_end();
}

void WalkProgress::tell(ControlSink& sink, const QueueWalk& walk, std::size_t of) {
  if (walk.looked() < told_ + kProgressEach) return;
  told_ = walk.looked();
  Record record;
  record.add("type", "progress").add_number("looked", told_);
  sink.send(std::move(record.add_number("of", std::max<std::size_t>(of, told_))), {});
}

ControlAnswer::State ControlList::slice(ControlSink& sink) {
  progress_.tell(sink, walk_, manager_.schedule().size());
  for (int i = 0; i < kAtOnce && !sink.full(); ++i) {
    if (telling_) {
      telling_ = send_some(sink, walk_);
      continue;
    }
    switch (walk_.step()) {
    case QueueWalk::Step::again: break;
    case QueueWalk::Step::waits: return State::waiting;
    case QueueWalk::Step::found: telling_ = true; break;
    case QueueWalk::Step::unreadable: break; // it is left out
    case QueueWalk::Step::end: send_end(sink, 0, {}); return State::ended;
    }
  }
  return State::more;
}

} // namespace waypost::queue
