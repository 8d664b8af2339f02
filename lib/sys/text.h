// Small operations on text that every layer needs: numbers with bounds, ASCII case, splitting, and
// printing what came from outside. Nothing here depends on a locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waypost {

// A decimal number, digits only, whole string; none when it is empty, has other bytes or exceeds
// `most`.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text,
                                                        std::uint64_t most = UINT64_MAX);

[[nodiscard]] char ascii_lower(char c);
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
// Without what `blanks` names at both ends.
[[nodiscard]] std::string_view trim(std::string_view text, std::string_view blanks = " \t");

// The parts between separators; "" has one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// Takes up to the first separator off `rest` and returns it; takes all when there is none.
[[nodiscard]] std::string_view cut(std::string_view& rest, char separator);

[[nodiscard]] bool valid_utf8(std::string_view text);
// The first bytes of `text`, at most `most`, that do not end within a character of UTF-8.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t most);

// Remote or user's text made safe for one line of a log, a notice or a terminal: control
// characters, DEL, C1 controls, line and paragraph separators, bidirectional overrides and invalid
// UTF-8 appear as \xNN. Everything that prints what came from outside calls this one function.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace waypost
