// RateWindow: at most N in any period, as `rate = "100/m"` promises. No I/O.
//
// Counts what went in 64ths of the period, and forgets a 64th only when all of it is older than the
// period: however the bursts fall, no stretch of that length ever holds more than N. All N may go
// at once. Fixed memory, whatever N is.
#pragma once

#include <array>
#include <cstdint>

#include "lib/sys/clock.h"

namespace waypost::queue {

class RateWindow {
public:
  // No rate: everything may go.
  RateWindow() = default;
  RateWindow(std::uint32_t most, std::uint32_t period_s);

  [[nodiscard]] bool room(BootMs now);
  void take(BootMs now);
  // The last one did not go after all.
  void give_back();
  // When there will be room; `now` when there is.
  [[nodiscard]] BootMs opens_at(BootMs now);

  [[nodiscard]] bool limits() const { return most_ > 0; }
  // Made from the same rate.
  [[nodiscard]] bool same_as(std::uint32_t most, std::uint32_t period_s) const {
    return most_ == most && period_s_ == period_s;
  }

private:
  static constexpr std::int64_t kParts = 64;
  void forget_old(BootMs now);
  [[nodiscard]] std::uint32_t& part(std::int64_t number) {
    return went_[static_cast<std::size_t>((number + kParts + 1) % (kParts + 1))];
  }

  std::uint32_t most_ = 0;
  std::uint32_t period_s_ = 0;
  std::int64_t part_ms_ = 1;
  std::int64_t newest_ = 0;                      // part
  std::array<std::uint32_t, kParts + 1> went_{}; // in it and the 64 before it
  std::uint64_t all_ = 0;
};

} // namespace waypost::queue
