// The pieces that the alias file is read by: quotes and comments.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waypost {

// Takes "a quoted string" off the beginning of `rest`, without quotes and backslashes; none, and
// `rest` as it was, when none begins there or it has no end.
[[nodiscard]] std::optional<std::string> take_quoted(std::string_view& rest);

// The line up to a # that stands at its beginning or behind a space, outside of quotes.
[[nodiscard]] std::string_view without_comment(std::string_view line);

// Takes what stands before the next comma outside of quotes; all where there is none.
[[nodiscard]] std::string_view take_item(std::string_view& rest);

} // namespace waypost
