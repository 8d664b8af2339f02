#include "smtpd/path.h"

namespace waypost::smtpd {
namespace {

// Where the first of `wanted` stands outside of quotes.
std::size_t find_unquoted(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == wanted) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::optional<std::string_view> take_bare_address(std::string_view& rest) {
  const std::string_view address = rest.substr(0, find_unquoted(rest, ' '));
  const bool torn = find_unquoted(address, '<') != std::string_view::npos ||
                    find_unquoted(address, '>') != std::string_view::npos;
  if (address.empty() || torn) return std::nullopt;
  rest.remove_prefix(address.size());
  return address;
}

} // namespace

std::optional<std::string_view> take_path(std::string_view& rest) {
  if (!rest.starts_with('<')) return take_bare_address(rest);
  const std::string_view behind = rest.substr(1);
  const std::size_t end = find_unquoted(behind, '>');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view inside = behind.substr(0, end);
  if (inside.starts_with('@')) {
    const std::size_t colon = find_unquoted(inside, ':');
    if (colon == std::string_view::npos) return std::nullopt;
    inside.remove_prefix(colon + 1);
    if (inside.empty()) return std::nullopt;
  }
  rest = behind.substr(end + 1);
  return inside;
}

} // namespace waypost::smtpd
