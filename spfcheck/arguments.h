// What waypost-spfcheck was asked: waypost-spfcheck(1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/ip.h"
#include "lib/sys/error.h"

namespace waypost::spfcheck {

struct Arguments {
  bool help = false;
  bool filter = false;               // a query a line on standard input
  std::optional<net::IpAddress> ip;  // -i: one query
  std::optional<std::string> sender; // -f; "" and "<>" are the null sender
  std::string helo;                  // -h
  std::string receiver;              // -r; the machine's name
  bool explain = false;
  bool json = false;
  std::vector<std::string> resolvers; // "127.0.0.1:5300"; none: those of /etc/resolv.conf
  std::uint64_t timeout_ms = 20'000;
  // Neither -i nor --filter: every way out of these domains, or of all that the configuration
  // names.
  bool egress = false;
  bool quiet = false; // -q: what is as it should be is not told
  std::vector<std::string> domains;
};

inline constexpr const char* kUsage =
    "usage: waypost-spfcheck [--explain] [--json] [-r RECEIVER] [--resolver ADDRESS[:PORT]]\n"
    "                        [--timeout SECONDS] -i IP [-f SENDER] [-h HELO]\n"
    "       waypost-spfcheck [--json [--explain]] ... --filter   a line: IP SENDER HELO\n"
    "       waypost-spfcheck --help\n"
    "       waypost-spfcheck [-q] [--json] ... [DOMAIN ...]      every way out of the "
    "configuration\n";

// An error says which argument is wrong.
[[nodiscard]] Result<Arguments> parse_arguments(int count, char** values);

// "192.0.2.53", "192.0.2.53:5300", "2001:db8::53", "[2001:db8::53]:5300" (waypost.toml(5) says the
// same of `resolver`).
[[nodiscard]] bool is_resolver(const std::string& text);
// Its port; 53 where it names none.
[[nodiscard]] std::uint16_t resolver_port(const std::string& text);

} // namespace waypost::spfcheck
