// What a token command prints (waypost-credential(8)): a token, and for how long it is good.
//
//   the token on the first line; behind it, if known, a line expires_in=SECONDS
//   or the JSON object of RFC 6749 5.1: access_token, and if known expires_in and token_type
//
// No error ever repeats what was printed: it may be most of a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::sasl {

struct Token {
  Secret bytes;
  std::optional<std::uint64_t> lifetime_s;
};

[[nodiscard]] Result<Token> parse_token_output(std::string_view output);

} // namespace waypost::sasl
