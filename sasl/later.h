// Later: an error that is none: what was asked for is being worked on. Whoever gets it asks again,
// with the same words, when something was done (derivations.h, tokens.h).
#pragma once

#include "lib/sys/error.h"

namespace waypost::sasl {

inline constexpr int kLater = -2;

[[nodiscard]] inline std::unexpected<Error> later() {
  return std::unexpected(Error{kLater, "it is being worked on"});
}
[[nodiscard]] inline bool is_later(const Error& error) {
  return error.code == kLater;
}

} // namespace waypost::sasl
