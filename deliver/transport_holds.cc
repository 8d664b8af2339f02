#include "deliver/transport_holds.h"

namespace waypost::deliver {

void TransportHolds::reset(const std::vector<std::uint64_t>& retry_s) {
  failures_.reset(retry_s);
  proxies_.clear();
  probes_.clear();
}

bool TransportHolds::may_go(const DestinationKey& key) {
  if (!failing(key.first)) return true;
  const auto [probe, first] = probes_.try_emplace(key.first, key.second);
  return first || probe->second == key.second;
}

bool TransportHolds::probe_over(const DestinationKey& key) {
  const auto probe = probes_.find(key.first);
  if (probe == probes_.end() || probe->second != key.second) return false;
  probes_.erase(probe);
  return true;
}

TransportHolds::Change TransportHolds::take(const DestinationKey& key, const ProxyReport& report,
                                            std::uint64_t now_ms) {
  const std::string& transport = key.first;
  const std::optional<Outcome> held = proxies_[transport].take(key.second, report);
  if (held) {
    probes_.erase(transport);
    return failures_.failed({transport, ""}, *held, now_ms) ? Change::held : Change::held_again;
  }
  if (report.news != ProxyNews::reached || !failures_.answered({transport, ""}))
    return Change::none;
  probes_.erase(transport);
  return Change::released;
}

} // namespace waypost::deliver
