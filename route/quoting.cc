#include "route/quoting.h"

#include <algorithm>

namespace waypost::route {
namespace {

bool outside_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

// The position behind a string that begins at `at`. Strings in "" know \, those in '' do not; those
// in three quotes go over lines. One without an end is left at its line's end, for the parser to
// see; one that goes on behind "\", a line's end and spaces with such a character, at that.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool many_lines = text.substr(at).starts_with(three);
  at += many_lines ? 3 : 1;
  while (at < text.size()) {
    if (text[at] == '\\' && quote == '"') {
      const std::size_t next = std::min(text.find_first_not_of(" \t\r\n", at + 1), text.size());
      const bool goes_on = many_lines && next > at + 1 && next < text.size();
      if (goes_on && outside_ascii(text[next])) return next;
      at += 2;
    } else if (text[at] == '\n' && !many_lines) {
      return at;
    } else if (many_lines && text.substr(at).starts_with(three)) {
      at += 3;
      // Up to two quotes may stand before the closing three.
      return std::min(text.find_first_not_of(quote, at), std::min(at + 2, text.size()));
    } else if (text[at] == quote && !many_lines) {
      return at + 1;
    } else {
      ++at;
    }
  }
  return text.size();
}

} // namespace

std::optional<std::size_t> find_unquoted(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < text.size()) {
    if (outside_ascii(text[at])) return at;
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '"' || text[at] == '\'') {
      at = behind_string(text, at);
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

} // namespace waypost::route
