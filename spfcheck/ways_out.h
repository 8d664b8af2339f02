// Ways out: every transport by which mail from a domain can leave, and which rules lead there.
//
// Pure, over the compiled configuration. Rules are taken as waypost.toml(5) says: an account's, the
// sender's domain's, the global ones, at whatever attempt and after whatever failure; mail that
// nobody has a rule for goes directly. A rule whose mail is all taken by rules before it is no way,
// unless those may be passed over, because their transport may have refused for good and another
// rule moves such mail. So a way too many is possible, and one too few is not. A transport that is
// set by hand is not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"

namespace waypost::spfcheck {

struct Way {
  const Transport* transport = nullptr;
  std::vector<std::string>
      routes; // "waypost.toml:41", "waypost.toml:52 (account alice)", "no rule"
};

// `domain` in normal form. In the order of the snapshot's transports. Those that send nothing into
// the world (type fail) are left out. Where a transport gives notices a sender in this domain
// (null_sender), the ways of mail without a sender's domain count too.
[[nodiscard]] std::vector<Way> ways_out(const Snapshot& snapshot, std::string_view domain);

// Every domain that mail may come from by this configuration: those that rules and tables name, of
// null_sender and from_rewrite, and the host's. Sorted; a pattern for all below a domain is that
// domain alone.
[[nodiscard]] std::vector<std::string> sender_domains(const Snapshot& snapshot);

} // namespace waypost::spfcheck
