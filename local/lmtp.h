// LMTP (RFC 2033): hands one message for one recipient to a mailbox server, over a socket of this
// machine or TCP. SMTP's dialogue with LHLO in place of EHLO, and after the final dot one reply for
// each recipient that was taken, which here is one.
//
// Blocking, with a deadline for each step. The server does the final delivery and adds its own
// trace; Return-Path is its to make (RFC 2033 4.1, RFC 5321 4.4).
#pragma once

#include <cstdint>
#include <string>

#include "lib/sys/clock.h"
#include "local/letter.h"
#include "local/verdict.h"

namespace waypost::local {

struct LmtpServer {
  std::string place;      // a socket's path, or an IP address
  std::uint16_t port = 0; // 0: a path
  BootMs connect_ms = 0;
  BootMs command_ms = 0;
  BootMs final_ms = 0; // for the reply after the final dot
};

// Confines itself to the server's kind of socket first.
[[nodiscard]] Verdict deliver_to_lmtp(const LmtpServer& server, const LocalEnvelope& envelope,
                                      Letter& letter);

// The same on a socket that is connected.
[[nodiscard]] Verdict speak_lmtp(int socket, const LmtpServer& server,
                                 const LocalEnvelope& envelope, Letter& letter);

} // namespace waypost::local
