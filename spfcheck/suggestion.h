// Suggestion: a domain's record by which everything passes that did not, found by trying.
//
//  1. Each need becomes a term to add, as long as the ten lookups leave room for what it costs.
//  2. The record with all of them is evaluated as if it stood there, the terms first where they
//     usually stand, then before everything else.
//  3. A need that does not pass either way is given up, and the others are tried without it. What
//  is
//     suggested makes all that is left pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spfcheck/lookup_cost.h"
#include "spfcheck/published.h"

namespace waypost::spfcheck {

// Something that does not pass: an address, or the addresses of a service.
struct Need {
  std::size_t finding = 0; // the number of its finding, for whoever made it
  std::string term;        // what would let it pass: "ip4:203.0.113.9", "include:_spf.example.net"
  std::string helo;
  std::vector<net::IpAddress> addresses;
  std::optional<std::size_t> before; // the place in the record of the term that it failed by
};

struct Suggestion {
  struct Verdict {
    std::size_t finding = 0;
    std::string add;  // the term, where the suggested record has it
    std::string text; // "add ip4:203.0.113.9", or why not
  };
  std::string record; // empty: there is none
  std::vector<Verdict> verdicts;
};

// `published`: its state is `none` or `one`.
[[nodiscard]] net::Task<Suggestion> suggest(Resolver& resolver, std::string domain,
                                            PublishedSpf published, LookupCost cost,
                                            std::vector<Need> needs);

} // namespace waypost::spfcheck
