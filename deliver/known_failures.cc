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

const Outcome* KnownFailures::of_transport(const std::string& transport) const {
  const auto first = all_.lower_bound({transport, ""});
  if (first == all_.end() || first->first.first != transport) return nullptr;
  return &first->second.outcome;
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

std::string who_must_act(FailureClass klass) {
  switch (klass) {
  case FailureClass::auth: return "look at the transport's user and credential";
  case FailureClass::tls: return "look at the transport's tls, ca and pin, and at its certificate";
  case FailureClass::dns: return "look at the transport's host, and at the resolver";
  case FailureClass::blocked: return "ask who runs the host: it refuses this machine's address";
  case FailureClass::rate: return "lower the transport's connections or rate";
  case FailureClass::unreachable:
    return "look at the transport's host and port, at the network, and at that machine";
  case FailureClass::none:
  case FailureClass::greylisted:
  case FailureClass::mailbox:
  case FailureClass::content:
  case FailureClass::other: break;
  }
  return "ask who runs the host, with its answer";
}

std::string who_must_act_for_proxy(FailureClass klass) {
  if (klass == FailureClass::auth) {
    return "look at the transport's user and credential, and at the proxy's users";
  }
  if (klass == FailureClass::dns) return "look at the transport's proxy, and at the resolver";
  return "look at the transport's proxy, at the network, and at that machine and its log";
}

} // namespace waypost::deliver
