#include "demo/script_words.h"

#include <optional>

#include "lib/sys/text.h"

namespace waypost::demo {
namespace {

constexpr std::uint64_t kMostMs = 24 * 3600 * 1000;

std::unexpected<std::string> wrong(std::string text) {
  return std::unexpected(std::move(text));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// What stands behind a backslash, as one byte.
std::optional<char> take_escape(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const char c = rest.front();
  rest.remove_prefix(1);
  switch (c) {
  case 'r': return '\r';
  case 'n': return '\n';
  case 't': return '\t';
  case '0': return '\0';
  case '\\':
  case '"': return c;
  case 'x': {
    if (rest.size() < 2 || hex_digit(rest[0]) < 0 || hex_digit(rest[1]) < 0) return std::nullopt;
    const int value = hex_digit(rest[0]) * 16 + hex_digit(rest[1]);
    rest.remove_prefix(2);
    return static_cast<char>(value);
  }
  default: return std::nullopt;
  }
}

} // namespace

std::string_view next_word(std::string_view& rest) {
  rest = trim(rest);
  const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest = trim(rest.substr(end));
  return word;
}

Word<std::chrono::milliseconds> take_time(std::string_view& rest) {
  const std::string_view word = next_word(rest);
  std::string_view number = word;
  std::uint64_t unit = 0;
  if (word.ends_with("ms")) {
    number.remove_suffix(2);
    unit = 1;
  } else if (word.ends_with('s') || word.ends_with('m')) {
    number.remove_suffix(1);
    unit = word.ends_with('s') ? 1000 : 60'000;
  }
  const auto count = unit == 0 ? std::nullopt : parse_number(number, kMostMs / unit);
  if (!count) return wrong("'" + printable(word) + "' is no time; write it as 200ms, 5s or 2m");
  return std::chrono::milliseconds(*count * unit);
}

Word<std::uint64_t> take_count(std::string_view& rest, std::uint64_t most) {
  const std::string_view word = next_word(rest);
  const auto count = parse_number(word, most);
  if (!count || *count == 0) {
    return wrong("'" + printable(word) + "' is no number from 1 to " + std::to_string(most));
  }
  return *count;
}

Word<std::string> take_bytes(std::string_view& rest) {
  rest = trim(rest);
  if (!rest.starts_with('"')) return wrong("bytes stand in quotes, as in \"250 ok\\r\\n\"");
  rest.remove_prefix(1);
  std::string bytes;
  while (!rest.empty() && rest.front() != '"') {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      bytes += c;
      continue;
    }
    const std::optional<char> escaped = take_escape(rest);
    if (!escaped) return wrong("behind \\ stands one of r n t 0 \\ \" or xNN, as in \\xff");
    bytes += *escaped;
  }
  if (rest.empty()) return wrong("the closing \" is missing");
  rest = trim(rest.substr(1));
  return bytes;
}

Word<void> end_of_line(std::string_view rest) {
  if (trim(rest).empty()) return {};
  return wrong("nothing may follow here, but '" + printable(trim(rest)) + "' does");
}

} // namespace waypost::demo
