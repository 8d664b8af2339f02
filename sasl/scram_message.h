// The messages of SCRAM that come from the server (RFC 5802 5.1 and 7), and the bounds that hold
// for what is in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::sasl {

// Below, a stolen answer is guessed too cheaply (RFC 7677 4 wants 4096); above, a server could make
// us work for minutes.
inline constexpr std::uint32_t kLeastIterations = 2048;
inline constexpr std::uint32_t kExpectedIterations = 4096;
inline constexpr std::uint32_t kMostIterations = 1'000'000;
inline constexpr std::size_t kLeastSalt = 8;

struct ServerFirst {
  std::string nonce; // ours, and the server's part
  std::string salt;
  std::uint32_t iterations = 0;
};

// An error says which rule is broken: the nonce begins with ours and is longer, the salt and the
// count are within their bounds, no mandatory extension.
[[nodiscard]] Result<ServerFirst> parse_server_first(std::string_view message,
                                                     std::string_view our_nonce);

struct ServerFinal {
  std::string signature; // empty where `error` stands
  std::string error;     // the server's word for why not
};

[[nodiscard]] Result<ServerFinal> parse_server_final(std::string_view message);

} // namespace waypost::sasl
