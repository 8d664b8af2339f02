// The check of every egress: for each sender's domain every way out, its record, MX, DMARC and
// DKIM; and for each address of ours that a way has, its names.
//
// Asks DNS and nobody else, and nothing of DNS but by the resolver that it is given.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/mail/snapshot.h"
#include "spfcheck/finding.h"
#include "spfcheck/resolver.h"

namespace waypost::spfcheck {

struct EgressQuestion {
  Snapshot snapshot;
  std::vector<std::string> domains;       // in normal form
  std::vector<net::IpAddress> interfaces; // the addresses of this machine
  std::function<void()> begin = {};       // before each domain and address: its time begins
};

[[nodiscard]] net::Task<EgressReport> check_egress(Resolver& resolver, EgressQuestion question);

} // namespace waypost::spfcheck
