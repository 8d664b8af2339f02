// QueueTime: wall time that does not jump while the manager runs: the wall's at start, plus what
// the boot clock has counted since. Ages, due times and what is written into histories use it, so
// that setting the machine's clock neither bounces nor hurries a message.
#pragma once

#include "lib/sys/clock.h"

namespace waypost::queue {

class QueueTime {
public:
  explicit QueueTime(const Clock& clock)
      : clock_(&clock),
        wall_at_boot_(clock.wall_us() - clock.boot_ms() * 1000) {}

  [[nodiscard]] BootMs boot() const { return clock_->boot_ms(); }
  [[nodiscard]] WallUs now() const { return wall(boot()); }
  [[nodiscard]] WallUs wall(BootMs at) const { return wall_at_boot_ + at * 1000; }
  // What was added to the wall's time since it was read: it has been set.
  [[nodiscard]] WallUs wall_ahead() const { return clock_->wall_us() - now(); }
  [[nodiscard]] BootMs boot_of(WallUs wall) const { return (wall - wall_at_boot_) / 1000; }

private:
  const Clock* clock_;
  WallUs wall_at_boot_;
};

} // namespace waypost::queue
