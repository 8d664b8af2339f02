#include "deliver/concurrency.h"

#include <algorithm>

namespace waypost::deliver {

std::uint32_t Concurrency::allowed(std::uint64_t now_ms) const {
  if (limit_ == 0) return grown_;
  const std::uint64_t more = (now_ms - limited_ms_) / kPauseMs;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(limit_ + more, grown_));
}

bool Concurrency::worth_one_more(std::size_t open, std::size_t waiting,
                                 std::uint64_t now_ms) const {
  if (waiting == 0 || open >= allowed(now_ms)) return false;
  return open == 0 || waiting > kWaitingEach * open;
}

void Concurrency::delivered() {
  if (grown_ < most_) ++grown_;
}

void Concurrency::refused(std::size_t working, std::uint64_t now_ms) {
  limit(working, now_ms);
}

void Concurrency::slow_down(std::size_t open, std::uint64_t now_ms) {
  limit(open / 2, now_ms);
}

void Concurrency::limit(std::size_t connections, std::uint64_t now_ms) {
  limit_ = static_cast<std::uint32_t>(std::clamp<std::size_t>(connections, 1, most_));
  limited_ms_ = now_ms;
}

} // namespace waypost::deliver
