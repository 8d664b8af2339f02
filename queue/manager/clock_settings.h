// ClockSettings: the times to which the wall clock was set while the manager runs, each by a
// number.
//
// A message bears the wall clock's time of its arrival, and its age is counted by QueueTime, which
// does not jump. So the manager notes, when it meets a name, by how much the two differed. Without
// that, a clock that is put right by a year would let messages expire at their first failure, or
// never. Numbers are kept, not differences: they take two bytes for each message.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "queue/manager/queue_time.h"

namespace waypost::queue {

class ClockSettings {
public:
  using Number = std::uint16_t; // 0: as it was when the manager began

  // That of this moment. Differences of less than a minute are none.
  [[nodiscard]] Number now(const QueueTime& time) {
    const WallUs ahead = time.wall_ahead();
    for (std::size_t i = 0; i < ahead_.size(); ++i)
      if (std::abs(ahead_[i] - ahead) < kMinute) return static_cast<Number>(i);
    if (ahead_.size() > std::numeric_limits<Number>::max()) return 0;
    ahead_.push_back(ahead);
    return static_cast<Number>(ahead_.size() - 1);
  }
  // By how much the wall clock was ahead of QueueTime then; it may be negative.
  [[nodiscard]] WallUs ahead(Number number) const { return ahead_[number]; }

private:
  static constexpr WallUs kMinute = 60'000'000;

  std::vector<WallUs> ahead_{0};
};

} // namespace waypost::queue
