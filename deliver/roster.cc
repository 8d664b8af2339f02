#include "deliver/roster.h"

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

bool Roster::room(bool proven) const {
  if (living() >= limit_) return false;
  return proven || !unproven_full();
}

void Roster::started(bool proven) {
  ++(proven ? proven_ : unproven_);
}

void Roster::ended(bool proven) {
  --(proven ? proven_ : unproven_);
}

void Roster::promoted() {
  --unproven_;
  ++proven_;
}

} // namespace waypost::deliver
