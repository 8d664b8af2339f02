#include "deliver/roster.h"

#include <algorithm>

namespace waypost::deliver {

void Roster::succeeded(const std::string& destination, std::uint64_t now_ms) {
  successes_[destination] = now_ms;
  if (successes_.size() <= kMostRemembered) return;
  std::erase_if(successes_, [&](const auto& one) { return now_ms - one.second > kProvenMs / 4; });
  if (successes_.size() > kMostRemembered) successes_.clear(); // costs a slow start each
}

bool Roster::proven(const std::string& destination, std::uint64_t now_ms) const {
  const auto found = successes_.find(destination);
  return found != successes_.end() && now_ms - found->second <= kProvenMs;
}

bool Roster::room(Standing standing, std::optional<Standing> ending) const {
  auto living = living_;
  if (ending) --living[static_cast<std::size_t>(*ending)];
  const auto [proven, unknown, failing] = living;
  if (proven + unknown + failing >= limit_) return false;
  if (standing == Standing::proven) return true;
  const std::uint32_t shared = limit_ - limit_ / 2;
  if (unknown + failing >= shared) return false;
  return standing == Standing::unknown || failing < std::max(shared / 2, std::uint32_t{1});
}

} // namespace waypost::deliver
