// What a domain's SPF record costs of the ten lookups (RFC 7208 4.6.4) when no term of it matches
// before its end: the worst that any address can make of it.
#pragma once

#include <string>
#include <vector>

#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

inline constexpr int kAllowedLookups = 10;
inline constexpr int kMostCounted = 60; // there counting ends

struct LookupCost {
  int lookups = 0;
  std::string unknown; // DNS did not say all; empty: it did
  // Domains whose pass is a pass of this record: those of include, redirect, and below them.
  std::vector<std::string> includes;
};

// Names with macros are counted, and not followed.
[[nodiscard]] net::Task<LookupCost> lookup_cost(Resolver& resolver, std::string domain);

} // namespace waypost::spfcheck
