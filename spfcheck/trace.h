// Trace: how a check came to its result, as a tree. A domain whose record was evaluated, its terms
// as far as they were tried, the lookups of each term and what they cost, and below include and
// redirect the domain that they led to. It only tells: nothing is decided by it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "spfcheck/record.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

// RFC 7208 2.6.
enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };
[[nodiscard]] const char* name_of(SpfResult result); // "none", "neutral", ...

struct LookupTrace {
  Question question;
  net::DnsStatus status = net::DnsStatus::failed;
  std::string answer;    // in one line, for people: "192.0.2.1 192.0.2.2", "NXDOMAIN"
  bool is_void = false;  // counts towards the two (4.6.4)
  std::uint32_t ttl = 0; // seconds; 0 where nothing was found
};

struct DomainTrace;

enum class Trial : std::uint8_t { matched, no_match, error };

struct TermTrace {
  std::string term;       // as it stands in the record
  Place place;            // in the record
  std::string target;     // the domain that it was expanded to; empty: it has none
  int cost = 0;           // 1: one of the ten lookups
  int lookups_so_far = 0; // of the ten, with this one
  Trial trial = Trial::no_match;
  std::string why; // "192.0.2.1 is in 192.0.2.0/24"; of an error: what is wrong
  std::vector<LookupTrace> lookups;
  std::unique_ptr<DomainTrace> inner; // of include and redirect
};

struct DomainTrace {
  std::string domain;
  std::string record; // empty: none was found, or more than one
  std::vector<LookupTrace> lookups;
  std::vector<TermTrace> terms; // exp and redirect too, where they were used
  SpfResult result = SpfResult::none;
  std::string why; // of none, temperror and permerror
};

} // namespace waypost::spfcheck
