// `transports`: every transport of the configuration with its state, for `waypost list
// --transports`. A slice tells a few.
#pragma once

#include "queue/manager/control_answer.h"

namespace waypost::queue {

// type=transport for each in the configuration's order, then type=senders, which says what is held.
class ControlTransports final : public ControlAnswer {
public:
  // `counts`: the caller may know how much mail goes where.
  ControlTransports(Manager& manager, bool counts) : manager_(manager), counts_(counts) {}
  State slice(ControlSink& sink) override;

private:
  void add_counts(Record& record, const std::string& transport);

  Manager& manager_;
  bool counts_;
  std::size_t next_ = 0;
};

} // namespace waypost::queue
