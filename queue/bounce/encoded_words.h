// Encoded words of a header field (RFC 2047), as a person wrote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waypost::queue {

// The text in UTF-8, whatever bytes it holds. None when a word is malformed or in a character set
// other than UTF-8, ISO 8859-1 and ASCII.
[[nodiscard]] std::optional<std::string> decode_words(std::string_view text);

} // namespace waypost::queue
