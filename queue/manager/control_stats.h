// `stats` and `top`: the figures, from counters that stand ready. A slice tells a few transports or
// destinations, so that neither their number nor a caller that does not read holds up the queue.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>

#include "queue/manager/control_answer.h"

namespace waypost::queue {

// type=metric, of each kind in metrics.h.
class ControlStats final : public ControlAnswer {
public:
  explicit ControlStats(Manager& manager) : manager_(manager) {}
  State slice(ControlSink& sink) override;

private:
  Manager& manager_;
  bool begun_ = false;
  std::size_t lane_ = 0;
};

// type=queue, type=senders, type=transport for each, type=destination for the busiest.
class ControlTop final : public ControlAnswer {
public:
  static constexpr std::size_t kMostDestinations = 200;

  ControlTop(Manager& manager, std::size_t most)
      : manager_(manager),
        most_(std::min(most, kMostDestinations)) {}
  State slice(ControlSink& sink) override;

private:
  void begin(ControlSink& sink);

  Manager& manager_;
  std::size_t most_;
  bool begun_ = false;
  std::size_t lane_ = 0;
  std::deque<Record> destinations_;
};

// How many files lie in bad/; counted to a thousand.
[[nodiscard]] std::uint64_t bad_files(Fs& fs, const SpoolDirs& dirs);

} // namespace waypost::queue
