// Command: one line of a client, its verb told apart (RFC 5321 4.1.1).
#pragma once

#include <cstdint>
#include <string_view>

namespace waypost::smtpd {

enum class Verb : std::uint8_t {
  ehlo,
  helo,
  mail, // "MAIL FROM:", the argument is what follows
  rcpt, // "RCPT TO:"
  data,
  rset,
  noop,
  help,
  vrfy,
  expn,
  quit,
  not_implemented, // known to SMTP or an extension, and not offered
  other_protocol,  // a browser that was made to talk to us
  unknown,
};

struct Command {
  Verb verb = Verb::unknown;
  std::string_view argument; // without white space around it
  bool well_formed = true;   // an argument where there must be one, and none where there may not
};

// Of a line without its end; what it returns points into it.
[[nodiscard]] Command parse_command(std::string_view line);

} // namespace waypost::smtpd
