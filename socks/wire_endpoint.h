// An endpoint as requests and replies have it: kind of address, address, port (RFC 1928 4, 5, 6).
#pragma once

#include "socks/socks5.h"

namespace waypost::socks {

// `to` from endpoint().
[[nodiscard]] std::string encode(const Endpoint& to);

[[nodiscard]] bool known_kind(std::uint8_t kind);
// How many bytes one has whose first two are given; 2 when its kind is unknown.
[[nodiscard]] std::size_t encoded_size(std::string_view first);
// `whole`: exactly one, of a known kind.
[[nodiscard]] Endpoint decode(std::string_view whole);

} // namespace waypost::socks
