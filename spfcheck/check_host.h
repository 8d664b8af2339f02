// check_host(): may this address send mail for this domain? RFC 7208 4, complete.
//
// A coroutine over a Resolver and nothing else: no I/O, no clock of its own, the same answers give
// the same result. Terms are tried from left to right; the lookups that the next terms will want
// are announced to the resolver beforehand, as far as the limits let them be asked. Bounded by
// Limits in lookups and by parse and expansion in memory; in time by the resolver, whose silence is
// a temperror.
#pragma once

#include <cstdint>
#include <string>

#include "spfcheck/resolver.h"
#include "spfcheck/trace.h"

namespace waypost::spfcheck {

struct Query {
  net::IpAddress ip;
  std::string domain;     // whose record is asked for
  std::string sender;     // the address for the macros; without a local part: postmaster (4.3)
  std::string helo;       // for %{h}
  std::string receiver;   // for %{r}; empty: "unknown" (7.2)
  std::uint64_t time = 0; // for %{t}
};

// The query for a transaction: the domain of MAIL FROM, and for the null sender or one without a
// domain postmaster at the HELO name (2.4). U-labels become A-labels (2.3), where they can.
[[nodiscard]] Query mail_from_query(const net::IpAddress& ip, const std::string& sender,
                                    const std::string& helo);
// The query for the HELO name itself (2.3).
[[nodiscard]] Query helo_query(const net::IpAddress& ip, const std::string& helo);

// RFC 7208 4.6.4.
struct Limits {
  int lookups = 10;     // terms that ask DNS
  int void_lookups = 2; // answers without a record
  int mx_hosts = 10;    // of one mx: more is a permerror
  int ptr_names = 10;   // of one address: more are passed over
};

struct CheckResult {
  SpfResult result = SpfResult::none;
  std::string mechanism;     // what matched, as it stands in its record: "-all", "include:x.test";
                             // empty: nothing did
  std::string record_domain; // the domain whose record that mechanism stands in
  std::string why;           // a sentence for people, for every result
  std::string explanation;   // of a fail: the domain's own words by exp=; empty: it has none (6.2)
  int lookups = 0;           // of the ten
  int void_lookups = 0;      // of the two
  DomainTrace trace;
};

[[nodiscard]] net::Task<CheckResult> check_host(Resolver& resolver, Query query,
                                                Limits limits = Limits());

} // namespace waypost::spfcheck
