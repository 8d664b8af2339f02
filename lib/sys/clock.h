// Clock: the two times that waypost knows, as a value that tests can move.
//
// Wall time is for people: arrival, history, Date headers. It jumps. Everything that is due is
// counted on the boot clock (CLOCK_BOOTTIME), which never jumps and goes on while the machine
// sleeps.
#pragma once

#include <cstdint>

namespace waypost {

using WallUs = std::int64_t; // microseconds since 1970-01-01 00:00 UTC
using BootMs = std::int64_t; // milliseconds since boot

class Clock {
public:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallUs wall_us() const = 0;
  [[nodiscard]] virtual BootMs boot_ms() const = 0;
};

class RealClock final : public Clock {
public:
  [[nodiscard]] WallUs wall_us() const override;
  [[nodiscard]] BootMs boot_ms() const override;
};

} // namespace waypost
