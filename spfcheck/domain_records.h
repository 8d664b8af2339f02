// What a sender's domain publishes beside SPF: where its mail comes in (MX), its DMARC policy, its
// DKIM keys. A finding each.
#pragma once

#include <string>
#include <vector>

#include "spfcheck/dmarc.h"
#include "spfcheck/finding.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

// Notices come back to the sender: to MX hosts, or to the domain's own address (RFC 5321 5.1).
[[nodiscard]] net::Task<Finding> check_mx(Resolver& resolver, std::string domain);

// What holds for mail whose author is in the domain.
struct DmarcFound {
  enum class State : std::uint8_t { none, found, wrong, later };
  State state = State::none;
  std::string at;     // the name whose record holds: _dmarc.example.org
  bool above = false; // it is the organizational domain's, for all below it
  DmarcRecord record;
  std::string why; // wrong, later

  [[nodiscard]] DmarcPolicy policy() const {
    return above ? record.subdomain_policy : record.policy;
  }
};

// RFC 7489 6.6.3: the domain's own record, else that of its organizational domain.
[[nodiscard]] net::Task<DmarcFound> find_dmarc(Resolver& resolver, std::string domain);

// How many of the ways pass by SPF, which is aligned where the author is in the sender's domain.
struct WaysBySpf {
  int pass = 0;
  int open = 0; // not known, or not now
  int all = 0;
};
[[nodiscard]] Finding judge_dmarc(const DmarcFound& found, const std::string& domain,
                                  WaysBySpf ways, bool signs);

// Notices of this host have its name as author's domain, and no sender: SPF judges them by the HELO
// name. Whether that is aligned.
[[nodiscard]] Finding judge_notices(const DmarcFound& found, const std::string& hostname,
                                    const std::string& helo);

[[nodiscard]] net::Task<Finding> check_dkim(Resolver& resolver, std::string domain,
                                            std::string selector);

} // namespace waypost::spfcheck
