#include "deliver/proxy_health.h"

#include "deliver/policy.h"

namespace waypost::deliver {

std::optional<Outcome> ProxyHealth::take(const std::string& destination,
                                         const ProxyReport& report) {
  switch (report.news) {
  case ProxyNews::reached: *this = {}; return std::nullopt;
  case ProxyNews::at_fault: return report.outcome;
  case ProxyNews::not_reached: return count(destination, report.outcome);
  case ProxyNews::no_ipv4: no_ipv4_ = true; break;
  case ProxyNews::no_ipv6: no_ipv6_ = true; break;
  }
  if (no_ipv4_ && no_ipv6_) return proxy_takes_no_address(report.outcome);
  return count(destination, report.outcome);
}

std::optional<Outcome> ProxyHealth::count(const std::string& destination, const Outcome& outcome) {
  not_reached_.insert(destination);
  if (not_reached_.size() < kMostInARow) return std::nullopt;
  return proxy_reaches_nobody(kMostInARow, outcome);
}

} // namespace waypost::deliver
