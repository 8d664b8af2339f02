// Hosts: to which addresses mail for a destination may go, in which order (RFC 5321 5.1).
//
// direct: the MX hosts of the domain by preference, equal ones shuffled; without MX the domain's
// own addresses; a null MX, a loop back to us and a domain that is not there are outcomes at once.
// smtp: the addresses of the one host, out of /etc/hosts or else the DNS. Address literals are
// taken as they are. Addresses that only lead back to this machine are left out, unless the
// transport has `local_hosts`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/mail/job.h"
#include "lib/mail/snapshot.h"
#include "lib/net/dns.h"
#include "lib/net/hosts_file.h"

namespace waypost::deliver {

struct HostAddress {
  std::string host; // its name, or a literal "[192.0.2.1]"
  net::IpAddress address;
  std::uint32_t preference = 0;
  std::uint16_t port = 25;
  bool operator==(const HostAddress&) const = default;
};

struct HostList {
  std::vector<HostAddress> addresses;
  std::vector<std::string> steps; // what was left out, and why
  std::optional<Outcome> outcome; // when there are no addresses
  std::uint32_t ttl_s = 300;      // for how long this may be used again
};

// What the lookup needs to know.
struct HostQuery {
  const Settings& settings;
  const Transport& transport;
  std::string destination;         // route_query.h
  std::vector<net::IpAddress> own; // of this machine
  std::string hosts_file = net::kHostsFile;
};

inline constexpr std::size_t kMostMxHosts = 20;
inline constexpr std::size_t kMostAddresses = 60;

// `resolver` and `query` are owned by who awaits.
[[nodiscard]] net::Task<HostList> find_hosts(net::Resolver& resolver, const HostQuery& query);

// The order for one job: within a host its preferred family first, and not the one that failed last
// time; an address that greylisted this message comes before everything.
[[nodiscard]] std::vector<HostAddress> order_for(const Job& job, FamilyPolicy family,
                                                 std::vector<HostAddress> all);

// "mx.example.org [192.0.2.1]:25", without the port when it is 25.
[[nodiscard]] std::string describe(const HostAddress& one);

} // namespace waypost::deliver
