// `list`: the queue in the order of arrival, as far as the caller may see it and the filter asks.
#pragma once

#include "queue/manager/control_answer.h"
#include "queue/manager/queue_walk.h"

namespace waypost::queue {

// Sends a message's recipients, some at a time. False: that was all.
[[nodiscard]] bool send_some(ControlSink& sink, QueueWalk& walk);
// How far a walk has come, now and then, so that a person who waits sees it.
class WalkProgress {
public:
  void tell(ControlSink& sink, const QueueWalk& walk, std::size_t of);

private:
  std::uint64_t told_ = 0;
};

class ControlList final : public ControlAnswer {
public:
  ControlList(Manager& manager, const ControlCaller& caller, ControlFilter filter,
              std::function<void()> resume)
      : manager_(manager),
        walk_(manager, caller, std::move(filter), std::move(resume)) {}
  State slice(ControlSink& sink) override;

private:
  Manager& manager_;
  QueueWalk walk_;
  WalkProgress progress_;
  bool telling_ = false; // of the message that was found
};

} // namespace waypost::queue
