#include "deliver/wire_address.h"

#include <algorithm>

#include "lib/mail/idna.h"

namespace waypost::deliver {
namespace {

// RFC 5321 4.1.2 and RFC 6531 3.3.
bool atext(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
  return letter || (c & 0x80) != 0 || others.find(c) != std::string_view::npos;
}

bool dot_atom(std::string_view text) {
  if (text.starts_with('.') || text.ends_with('.')) return false;
  return text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c == '.' || atext(c); });
}

bool ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
}

} // namespace

std::optional<std::string> wire_address(const Address& address, bool smtputf8) {
  if (address.null()) return "";
  std::string text(address.local());
  if (!smtputf8 && !ascii(text)) return std::nullopt;
  // Without quotes it has none inside, and no backslash.
  if (!text.starts_with('"') && !dot_atom(text)) text = '"' + text + '"';
  if (address.domain().empty()) return text;
  std::string domain(address.domain());
  if (domain.ends_with('.')) domain.pop_back();
  if (!smtputf8 && !ascii(domain)) {
    Result<std::string> normal = normal_domain(domain);
    if (!normal) return std::nullopt;
    domain = std::move(*normal);
  }
  return text + '@' + domain;
}

} // namespace waypost::deliver
