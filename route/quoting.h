// Quoting: finds text outside of ASCII that stands outside of quotes and comments.
//
// TOML 1.0 has no place for it there, and toml++ 3.3 is undefined when it meets it (its test for
// white space claims that some characters cannot come). Besides, what stands there was mostly
// pasted: a space that does not break, a typographic quote. In quotes it meets the same test in one
// place: first behind a "\" at a line's end, where TOML skips white space; that is found too.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace waypost::route {

// The position of the first such byte. A byte order mark at the very start is none.
[[nodiscard]] std::optional<std::size_t> find_unquoted(std::string_view text);

} // namespace waypost::route
