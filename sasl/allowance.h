// Allowance: how much of something may be done: `burst` at once, then one more each `each_ms`. What
// is more work than other things of its kind counts as several.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lib/sys/clock.h"

namespace waypost::sasl {

class Allowance {
public:
  Allowance(std::int64_t burst, std::int64_t each_ms)
      : burst_(burst),
        each_ms_(each_ms),
        left_ms_(burst * each_ms) {}

  // False: not now.
  [[nodiscard]] bool take(BootMs now, std::int64_t count = 1) {
    const std::int64_t passed = std::max<std::int64_t>(now - last_, 0);
    left_ms_ = std::min(left_ms_ + (last_ == 0 ? 0 : passed), burst_ * each_ms_);
    last_ = std::max<BootMs>(now, 1);
    if (left_ms_ < count * each_ms_) return false;
    left_ms_ -= count * each_ms_;
    return true;
  }

private:
  std::int64_t burst_;
  std::int64_t each_ms_;
  std::int64_t left_ms_;
  BootMs last_ = 0;
};

} // namespace waypost::sasl
