// Addresses that nobody in the world can have (IANA's special-purpose registries, RFC 6890): a
// machine that has only these reaches the world by another address, which it cannot know.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/net/ip.h"

namespace waypost::spfcheck {

struct Special {
  std::string_view what; // "private use, RFC 1918"; empty: a public address
  // For examples and tests: never on a machine of the world, but somebody may mean it in a file.
  bool documentation = false;
};

[[nodiscard]] Special special_purpose(const net::IpAddress& address);

// Nothing but a public address will do: what an interface has.
[[nodiscard]] bool is_public(const net::IpAddress& address);

} // namespace waypost::spfcheck
