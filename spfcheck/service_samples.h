// Addresses of a service, taken from what its own SPF record lets pass: the first and the last of
// each range. What passes for all of them passes for the service, as far as a record of ranges
// goes.
#pragma once

#include <string>
#include <vector>

#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

inline constexpr std::size_t kMostSamples = 48;

struct Samples {
  std::vector<net::IpAddress> addresses;
  bool complete = true; // false: macros, ptr, exists, or more than is looked at
  std::string wrong;    // what the mechanism names is not there, or is no SPF record
  std::string unknown;  // DNS did not say
};

// `mechanism`: "include:_spf.example.net", "a:..", "mx:..", "ip4:..", "ip6:..".
[[nodiscard]] net::Task<Samples> sample_service(Resolver& resolver, std::string mechanism);

} // namespace waypost::spfcheck
