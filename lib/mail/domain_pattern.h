// Patterns of domains as rules have them: "example.com" is that domain alone, ".example.com" is it
// and all below it; a literal is itself alone. All in normal form (idna.h).
#pragma once

#include <string_view>

namespace waypost {

// Whether `domain` is one that the pattern means. No pattern fits an empty domain.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view domain);

// Whether every domain that `inner` fits is one that `outer` fits.
[[nodiscard]] bool covers(std::string_view outer, std::string_view inner);

} // namespace waypost
