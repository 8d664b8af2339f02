// What from_rewrite may be.
#pragma once

#include <string>
#include <string_view>

#include "route/quantity.h"

namespace waypost::route {

// "me@example.org", or "@example.org".
[[nodiscard]] Parsed<std::string> parse_rewriting(std::string_view text);

} // namespace waypost::route
