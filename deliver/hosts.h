// Hosts: to which addresses mail for a destination may go, in which order (RFC 5321 5.1).
//
// direct and socks: the MX hosts of the domain by preference, equal ones shuffled; without MX the
// domain's own addresses; a null MX, a loop back to us and a domain that is not there are outcomes
// at once. smtp: the addresses of the one host, out of /etc/hosts or else the DNS; likewise those
// of a proxy. Where the proxy looks up the hosts (`resolve = "proxy"`) they stay names. Address
// literals are taken as they are. What only leads back to where we send from (own_addresses.h) is
// left out, unless the transport has `local_hosts`.
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
  bool by_name = false; // the proxy looks it up: it has no address here
  // What it is known by where hosts are told apart: its address, or else its name.
  [[nodiscard]] std::string where() const { return by_name ? host : address.text(); }
  bool operator==(const HostAddress&) const = default;
};

// Where a transport's proxy is.
struct ProxyAddresses {
  std::vector<net::IpAddress> addresses;
  std::uint16_t port = 0;
  std::optional<Outcome> outcome; // when there are none
};

struct HostList {
  std::vector<HostAddress> addresses;
  std::vector<std::string> steps; // what was left out, and why
  std::optional<Outcome> outcome; // when there are no addresses
  ProxyAddresses proxy;           // for type socks
  std::uint32_t ttl_s = 300;      // for how long this may be used again
};

// What the lookup needs to know.
struct HostQuery {
  const Settings& settings;
  const Transport& transport;
  std::string destination;         // route_query.h
  std::vector<net::IpAddress> own; // own_addresses()
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

// "mx.example.org [192.0.2.1]:25", without the port when it is 25; without an address by name.
[[nodiscard]] std::string describe(const HostAddress& one);

} // namespace waypost::deliver
