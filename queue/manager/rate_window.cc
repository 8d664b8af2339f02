#include "queue/manager/rate_window.h"

namespace waypost::queue {

RateWindow::RateWindow(std::uint32_t most, std::uint32_t period_s)
    : most_(most),
      period_s_(period_s),
      part_ms_((std::int64_t{period_s} * 1000 + kParts - 1) / kParts) {}

void RateWindow::forget_old(BootMs now) {
  const std::int64_t current = now / part_ms_;
  if (current - newest_ > kParts) {
    went_.fill(0);
    all_ = 0;
    newest_ = current;
  }
  while (newest_ < current) {
    all_ -= part(++newest_);
    part(newest_) = 0;
  }
}

bool RateWindow::room(BootMs now) {
  if (!limits()) return true;
  forget_old(now);
  return all_ < most_;
}

void RateWindow::take(BootMs now) {
  if (!limits()) return;
  forget_old(now);
  ++part(newest_);
  ++all_;
}

void RateWindow::give_back() {
  for (std::int64_t back = 0; back <= kParts && all_ > 0; ++back) {
    std::uint32_t& went = part(newest_ - back);
    if (went == 0) continue;
    --went;
    --all_;
    return;
  }
}

BootMs RateWindow::opens_at(BootMs now) {
  if (room(now)) return now;
  std::int64_t oldest = newest_ - kParts;
  while (part(oldest) == 0)
    ++oldest;
  return (oldest + kParts + 1) * part_ms_;
}

} // namespace waypost::queue
