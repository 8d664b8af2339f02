// Client: who is at the other end, as far as it is known.
//
// A server that runs us for a connection says it by UCSPI (TCPREMOTEIP, TCPREMOTEHOST); inetd and
// systemd say nothing, and then the kernel is asked (getpeername). Otherwise it is a program of
// this machine, on pipes or a local socket. What the environment says is checked like all that
// comes from outside: a remote host chooses its own name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::smtpd {

struct Client {
  bool network = false;
  std::string ip;   // in its shortest form; empty: not known
  std::string host; // a name that DNS gave for it; may be empty
  // The client may send to whom it likes; each recipient gets this put behind it (RELAYCLIENT).
  std::optional<std::string> relay;
};

// The other end of an internet socket; none when `fd` is no such socket, or not connected.
[[nodiscard]] std::optional<std::string> peer_of(int fd);

// `caller`: sendmail -bs, a user of this machine, who may send. An internet socket is never that,
// whatever was said: inetd can run sendmail -bs as well.
[[nodiscard]] Client find_client(int fd, bool caller);

} // namespace waypost::smtpd
