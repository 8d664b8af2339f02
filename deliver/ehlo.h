// Capabilities: what a server's EHLO reply offers (RFC 5321 4.1.1.1), as far as we use it, and the
// limits that it tells (RFC 9422).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/reply.h"

namespace waypost::deliver {

struct Capabilities {
  bool pipelining = false;       // RFC 2920
  bool size = false;             // RFC 1870
  std::uint64_t size_limit = 0;  // 0: none told, or no limit
  bool eight_bit_mime = false;   // RFC 6152
  bool smtputf8 = false;         // RFC 6531
  bool starttls = false;         // RFC 3207
  bool dsn = false;              // RFC 3461
  std::vector<std::string> auth; // RFC 4954 3: mechanisms, as the server writes them
  // RFC 9422; 0: none told.
  std::uint32_t mail_max = 0;        // MAIL commands in a session
  std::uint32_t rcpt_max = 0;        // RCPT commands in a transaction
  std::uint32_t rcpt_domain_max = 0; // recipient domains in a session
  bool operator==(const Capabilities&) const = default;
};

// The first line is the server's name; unknown keywords and bad parameters are passed over.
[[nodiscard]] Capabilities capabilities_of(const Reply& ehlo);

} // namespace waypost::deliver
