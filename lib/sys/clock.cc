#include "lib/sys/clock.h"

#include <ctime>

namespace waypost {
namespace {

timespec read_clock(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return now;
}

} // namespace

WallUs RealClock::wall_us() const {
  const timespec now = read_clock(CLOCK_REALTIME);
  return static_cast<WallUs>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

BootMs RealClock::boot_ms() const {
  const timespec now = read_clock(CLOCK_BOOTTIME);
  return static_cast<BootMs>(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

} // namespace waypost
