// In which order a job tries the addresses of its hosts, and how they are written.

#include <algorithm>
#include <sys/random.h>

#include "deliver/hosts.h"
#include "deliver/mx.h"

namespace waypost::deliver {

std::minstd_rand host_lottery() {
  std::uint32_t seed = 0;
  const ssize_t got = ::getrandom(&seed, sizeof seed, GRND_NONBLOCK);
  return std::minstd_rand(got == sizeof seed ? seed : 1);
}

std::vector<HostAddress> order_for(const Job& job, FamilyPolicy family,
                                   std::vector<HostAddress> all) {
  const bool six_first = job.avoid == "ipv6"                   ? false
                         : job.avoid == "ipv4"                 ? true
                         : family == FamilyPolicy::prefer_ipv4 ? false
                                                               : true;
  // The addresses of a host stand together.
  std::vector<std::vector<HostAddress>> hosts;
  for (HostAddress& one : all) {
    const bool same = !hosts.empty() && hosts.back().front().host == one.host;
    if (!same) hosts.emplace_back();
    hosts.back().push_back(std::move(one));
  }
  // RFC 5321 5.1: equal hosts share the load, each time anew.
  std::ranges::shuffle(hosts, host_lottery());
  std::ranges::stable_sort(hosts, {}, [](const auto& host) { return host.front().preference; });
  std::vector<HostAddress> ordered;
  for (std::vector<HostAddress>& host : hosts) {
    std::ranges::stable_partition(
        host, [&](const HostAddress& one) { return one.address.v6() == six_first; });
    ordered.insert(ordered.end(), host.begin(), host.end());
  }
  const auto prefer = net::IpAddress::parse(job.prefer);
  if (prefer) {
    std::ranges::stable_partition(ordered,
                                  [&](const HostAddress& one) { return one.address == *prefer; });
  }
  return ordered;
}

std::string describe(const HostAddress& one) {
  const std::string address = one.where();
  std::string text = one.host;
  if (one.host.front() != '[' && one.host != address) text += " [" + address + "]";
  if (one.port != 25) text += ":" + std::to_string(one.port);
  return text;
}

} // namespace waypost::deliver
