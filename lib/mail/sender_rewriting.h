// Sender rewriting: mail of this machine's accounts in the name of another address, the masquerade
// of a machine that sends through a service. waypost.toml(5), from_rewrite.
//
// A sender of this machine (of its hostname or one of local_domains, or a bare name) becomes the
// address of the rule; or, where the rule is "@domain", the same name in that domain. All others
// stay: who wrote from elsewhere meant it. The null sender stays.
#pragma once

#include <string>
#include <string_view>

#include "lib/mail/snapshot.h"

namespace waypost {

class SenderRewriting {
public:
  // `snapshot` outlives it.
  SenderRewriting(const Snapshot& snapshot, std::string_view account);
  [[nodiscard]] bool none() const { return rule_.empty(); }
  // The address in place of this one; "" when it stays.
  [[nodiscard]] std::string address(std::string_view text) const;

private:
  [[nodiscard]] bool own(std::string_view domain) const;

  const Settings& settings_;
  std::string hostname_; // in normal form; empty: it has none
  std::string rule_;
};

} // namespace waypost
