// Whether a domain's SPF record lets its mail pass by every way out, and what it lacks.
//
//  1. Each address of each way is checked as a server would (check_host); of a service, the first
//     and last address of each range that its own record lets pass.
//  2. What did not pass becomes a term to add: ip4: or ip6: for an address, the service's own
//     mechanism for a service, as long as the ten lookups allow it.
//  3. The record with all of them is checked in the same way, as if it stood there, and suggested
//  only
//     when everything passes by it.
#pragma once

#include <vector>

#include "spfcheck/finding.h"
#include "spfcheck/own_address.h"
#include "spfcheck/resolver.h"
#include "spfcheck/ways_out.h"

namespace waypost::spfcheck {

struct VisibleWay {
  Way way;
  Visible visible;
};

// Fills in findings of the checks "spf" and "record", the record and the suggestion.
[[nodiscard]] net::Task<DomainReport> check_ways(Resolver& resolver, std::string domain,
                                                 std::vector<VisibleWay> ways);

} // namespace waypost::spfcheck
