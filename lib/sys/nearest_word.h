// The word that somebody may have meant.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace waypost {

// The one of `known` that is close to `word`, if any is: one change in a short word, three in a
// long one. Upper and lower case are the same.
[[nodiscard]] std::optional<std::string_view> nearest_word(std::string_view word,
                                                           std::span<const std::string_view> known);

} // namespace waypost
