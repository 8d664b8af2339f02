// hold, release, kick, drop, bounce, requeue: every message that the filter means, one after
// another.
//
// A bounded number of changes is under way at once, and none is begun while the caller is behind
// with reading: a caller that stops reading stops the work. It may also say so: then what was begun
// is finished and told, and the end comes.
#pragma once

#include <deque>
#include <memory>

#include "queue/manager/change_request.h"
#include "queue/manager/control_list.h"

namespace waypost::queue {

class ControlChange final : public ControlAnswer {
public:
  ControlChange(Manager& manager, const ControlCaller& caller, ChangeRequest request,
                std::function<void()> resume);
  State slice(ControlSink& sink) override;
  void stop() override { over_ = true; }

private:
  // Changes come back when they are durable, perhaps after the caller has gone.
  struct UnderWay {
    std::deque<std::pair<std::string, Result<Changed>>> done;
    int open = 0;
    bool awaited = false;
    std::function<void()> resume;

    void ended(const std::string& id, const Result<Changed>& result);
  };
  State wait();
  State finish(ControlSink& sink);
  State walk(ControlSink& sink);
  void begin(ControlSink& sink);
  void tell(ControlSink& sink, const std::string& id, const Result<Changed>& done);
  void tell_done(ControlSink& sink);

  Manager& manager_;
  ChangeRequest request_;
  std::shared_ptr<UnderWay> under_way_ = std::make_shared<UnderWay>();
  QueueWalk walk_;
  WalkProgress progress_;
  bool telling_ = false; // dry: of the message that was found
  bool over_ = false;    // no more messages are looked at
  int status_ = 0;
};

} // namespace waypost::queue
