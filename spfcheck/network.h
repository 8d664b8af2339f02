// Network: an address with a prefix length, as ip4:, ip6: and the dual CIDR of a and mx mean it
// (RFC 7208 5.6). Pure; an IPv4-mapped client counts as the IPv4 address that it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/ip.h"

namespace waypost::spfcheck {

struct Network {
  std::array<std::uint8_t, 16> bytes{}; // network order; IPv4: the first four
  bool v6 = false;
  int prefix = 0;

  [[nodiscard]] bool contains(const net::IpAddress& ip) const;
  [[nodiscard]] bool contains(const Network& other) const; // all of it
  [[nodiscard]] std::string text() const; // "192.0.2.0/24"; a full prefix is left out
  bool operator==(const Network&) const = default;
};

// The network of `prefix` bits around an address.
[[nodiscard]] Network network_of(const net::IpAddress& ip, int prefix);

// A network as a record writes it: IPv4 as four numbers without leading zeros, IPv6 as RFC 4291 2.2
// does, an IPv4-mapped address included, which no client has.
[[nodiscard]] std::optional<Network> parse_address(std::string_view text, bool v6, int prefix);

// 4 or 16 bytes in network order.
[[nodiscard]] std::string bytes_of(const net::IpAddress& ip);

// The name under which the address's PTR records stand: "1.2.0.192.in-addr.arpa" (RFC 1035 3.5),
// nibbles below ip6.arpa (RFC 3596 2.5).
[[nodiscard]] std::string reverse_name(const net::IpAddress& ip);

} // namespace waypost::spfcheck
