#include "lib/mail/alias_scanner.h"

namespace waypost {
namespace {

// Calls `see(i)` for each byte outside of quotes until it returns true; the place, or the end.
template <class See>
std::size_t find_outside(std::string_view text, See see) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i; // whatever follows stands for itself
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && see(i)) {
      return i;
    }
  }
  return text.size();
}

} // namespace

std::optional<std::string> take_quoted(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  std::string plain;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return plain;
    }
    if (rest[i] == '\\') ++i;
    if (i == rest.size()) break;
    plain += rest[i];
  }
  return std::nullopt;
}

std::string_view without_comment(std::string_view line) {
  const auto begins = [line](std::size_t i) {
    return line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t');
  };
  return line.substr(0, find_outside(line, begins));
}

std::string_view take_item(std::string_view& rest) {
  const std::size_t end = find_outside(rest, [rest](std::size_t i) { return rest[i] == ','; });
  const std::string_view item = rest.substr(0, end);
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  return item;
}

} // namespace waypost
