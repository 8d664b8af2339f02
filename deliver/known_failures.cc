#include "deliver/known_failures.h"

#include <algorithm>

namespace waypost::deliver {

void KnownFailures::reset(const std::vector<std::uint64_t>& retry_s) {
  all_.clear();
  most_ms_ = UINT64_MAX;
  for (const std::uint64_t wait : retry_s)
    most_ms_ = std::min(most_ms_, wait * 1000 / 2);
}

const Outcome* KnownFailures::known(const DestinationKey& key, std::uint64_t now_ms,
                                    std::uint64_t kick) const {
  const auto found = all_.find(key);
  if (found == all_.end() || now_ms >= found->second.until_ms) return nullptr;
  return kick > found->second.kick ? nullptr : &found->second.outcome;
}

std::optional<KnownFailures::Standing>
KnownFailures::of_transport(const std::string& transport) const {
  const auto first = all_.lower_bound({transport, ""});
  if (first == all_.end() || first->first.first != transport) return std::nullopt;
  const Failure& failure = first->second;
  return Standing{&failure.outcome, failure.since_ms, failure.until_ms};
}

void KnownFailures::probing(const DestinationKey& key, std::uint64_t kick) {
  const auto found = all_.find(key);
  if (found == all_.end() || kick <= found->second.kick) return;
  found->second.kick = kick;
  found->second.until_ms = 0;
}

bool KnownFailures::failed(const DestinationKey& key, const Outcome& outcome, std::uint64_t now_ms,
                           std::uint64_t kick) {
  const auto [at, first] = all_.try_emplace(key);
  Failure& failure = at->second;
  failure.kick = std::max(failure.kick, kick);
  if (now_ms < failure.until_ms) return false;
  failure.outcome = outcome;
  if (first) failure.since_ms = now_ms;
  const bool login = outcome.klass == FailureClass::auth;
  failure.wait_ms = std::clamp(failure.wait_ms * 2, login ? kFirstLoginMs : kFirstMs,
                               login ? kMostLoginMs : kMostMs);
  failure.until_ms = now_ms + std::min(failure.wait_ms, most_ms_);
  if (all_.size() > kMostRemembered) forget_old(now_ms);
  return first;
}

// Costs those that are forgotten one more attempt with a slow start.
void KnownFailures::forget_old(std::uint64_t now_ms) {
  std::erase_if(all_, [&](const auto& one) { return one.second.until_ms <= now_ms; });
  if (all_.size() > kMostRemembered) all_.clear();
}

} // namespace waypost::deliver
