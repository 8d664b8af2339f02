// What the world sees of a transport: the addresses that its mail comes from.
//
// No guess without consent. An address is one that the configuration names (public_ips, source,
// remote_ips), or one on an interface of this machine that is public. Behind NAT there is none, and
// that is said, not asked of some server. A smarthost's or service's addresses are what its own
// mechanisms (spf) match.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/mail/snapshot.h"
#include "lib/net/ip.h"

namespace waypost::spfcheck {

struct Visible {
  std::vector<net::IpAddress> addresses;
  std::vector<std::string> mechanisms; // "include:_spf.example.net", as the configuration has them
  std::vector<std::string> unknown;    // what cannot be known, a sentence each
};

// `interfaces`: the addresses of this machine.
[[nodiscard]] Visible visible(const Settings& settings, const Transport& transport,
                              std::span<const net::IpAddress> interfaces);

// Its mail comes from addresses that are ours, or a proxy's: they have to have names, and the HELO
// name is seen by the recipients' servers.
[[nodiscard]] bool own_way(const Transport& transport);

} // namespace waypost::spfcheck
