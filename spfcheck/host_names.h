// The names of an address that mail comes from: its reverse name leads back to it and fits the HELO
// name (RFC 1912 2.1, RFC 5321 4.1.4), and the HELO name's own SPF record lets it pass (RFC
// 7208 2.3), by which notices are judged, for they have no sender.
#pragma once

#include <string>
#include <vector>

#include "spfcheck/finding.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

// What a transport says in EHLO from an address.
struct Greeting {
  std::string transport;
  std::string helo; // a name or an address literal
  net::IpAddress address;
};

[[nodiscard]] net::Task<Finding> check_reverse(Resolver& resolver, Greeting greeting);
[[nodiscard]] net::Task<Finding> check_helo(Resolver& resolver, Greeting greeting);

} // namespace waypost::spfcheck
