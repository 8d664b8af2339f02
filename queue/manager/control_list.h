// `list`: the queue in the order of arrival, as far as the caller may see it and the filter asks.
#pragma once

#include <string>
#include <vector>

#include "queue/manager/control_answer.h"
#include "queue/manager/control_filter.h"

namespace waypost::queue {

class ControlList final : public ControlAnswer {
public:
  ControlList(Manager& manager, const ControlCaller& caller, ControlFilter filter);
  State slice(ControlSink& sink) override;

private:
  void begin(const MessageId& id);
  Result<bool> wanted(const std::string& account);
  void send_some(ControlSink& sink);

  Manager& manager_;
  ControlCaller caller_;
  ControlFilter filter_;
  std::vector<std::string> ids_; // as the queue was when the command came
  std::size_t next_ = 0;
  std::unique_ptr<MessageView> view_; // the message whose recipients are being sent
  std::string account_;
  WallUs due_ = 0;
};

// When the message is due next; 0: held.
[[nodiscard]] WallUs next_attempt(Manager& manager, const QueueEntry& entry);

} // namespace waypost::queue
