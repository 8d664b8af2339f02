// What one connection may take before it is ended: RFC 5321 4.5.3.
#pragma once

#include <cstdint>

namespace waypost::smtpd {

struct Limits {
  std::uint64_t command_s = 300;             // for each command: RFC 5321 4.5.3.2.7
  std::uint64_t session_s = 21'600;          // for all of it
  std::uint64_t bytes_a_second = 1000;       // of a message, beyond its first `command_s`
  std::uint64_t recipients = 1000;           // of a message; RFC 5321 4.5.3.1.8 asks for 100
  std::uint64_t mistakes = 20;               // commands that are wrong, since a message was taken
  std::uint64_t refused_recipients = 100;    // likewise: who tries more is guessing
  std::uint64_t commands_without_mail = 100; // outside of a transaction, between two messages
};

} // namespace waypost::smtpd
