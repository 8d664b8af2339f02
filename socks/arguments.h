// The command line of waypost-socks(1).
//
// waypost-socks [-46] [-T SECONDS] [-l FD] PROXY HOST PORT PROGRAM [ARGUMENT ...]
#pragma once

#include <sys/socket.h>

#include "socks/socks5.h"

namespace waypost::socks {

struct Arguments {
  int family = AF_UNSPEC; // of the proxy's addresses
  unsigned timeout_s = 60;
  int login_fd = -1; // -1: the environment
  std::string proxy; // a name or an address
  std::string proxy_port;
  Endpoint destination;
  char** program = nullptr; // into argv, with a null pointer at its end
};

// The error is a line for the caller to print before the usage.
[[nodiscard]] Result<Arguments> parse_arguments(int count, char** values);

} // namespace waypost::socks
