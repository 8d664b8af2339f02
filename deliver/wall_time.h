// WallTime: for people, what the loop's clock said. The difference of the two clocks is kept until
// one has been set by more than a second, so that the same moment is told alike each time.
#pragma once

#include <cstdlib>

#include "lib/sys/clock.h"

namespace waypost::deliver {

class WallTime {
public:
  // A moment of the loop's clock, when it says `now_ms` and the wall `wall_us`.
  [[nodiscard]] WallUs of(std::uint64_t moment_ms, std::uint64_t now_ms, WallUs wall_us) {
    const WallUs apart = wall_us - static_cast<WallUs>(now_ms) * 1000;
    if (std::abs(apart - apart_) > 1'000'000) apart_ = apart;
    return apart_ + static_cast<WallUs>(moment_ms) * 1000;
  }

private:
  WallUs apart_ = 0;
};

} // namespace waypost::deliver
