// What macros stand for: RFC 7208 7.2 to 7.4.
#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/macro.h"
#include "spfcheck/network.h"

namespace waypost::spfcheck {
namespace {

constexpr std::size_t kLongestName = 253;

// Of IPv6 all nibbles with dots between them, of IPv4 the usual form.
std::string dotted(const net::IpAddress& ip) {
  if (!ip.v6()) return ip.text();
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes_of(ip)) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kHex[byte >> 4], '.', kHex[byte & 15], '.'};
  }
  text.pop_back();
  return text;
}

std::string value_of(char letter, const MacroValues& values) {
  const std::size_t at = values.sender.rfind('@');
  switch (letter) {
  case 's': return values.sender;
  case 'l': return values.sender.substr(0, at);
  case 'o': return at == std::string::npos ? values.sender : values.sender.substr(at + 1);
  case 'd': return values.domain;
  case 'i': return dotted(values.ip);
  case 'p': return values.validated.empty() ? "unknown" : values.validated;
  case 'v': return values.ip.v6() ? "ip6" : "in-addr";
  case 'h': return values.helo;
  case 'c': return values.ip.text();
  case 'r': return values.receiver.empty() ? "unknown" : values.receiver;
  case 't': return std::to_string(values.time);
  default: return {};
  }
}

// Splits at the delimiters, turns around, keeps the right-hand parts, joins with dots.
std::string transformed(const std::string& value, const MacroPart& part) {
  if (!part.reverse && part.keep == 0 && part.delimiters == ".") return value;
  std::vector<std::string_view> pieces;
  std::string_view rest = value;
  for (;;) {
    const std::size_t at = rest.find_first_of(part.delimiters);
    pieces.push_back(rest.substr(0, at));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
  }
  if (part.reverse) std::ranges::reverse(pieces);
  const std::size_t kept =
      part.keep == 0 ? pieces.size() : std::min<std::size_t>(part.keep, pieces.size());
  std::string text;
  for (std::size_t i = pieces.size() - kept; i < pieces.size(); ++i) {
    if (i > pieces.size() - kept) text += '.';
    text += pieces[i];
  }
  return text;
}

// All but the unreserved characters of RFC 3986 2.3.
std::string url_encoded(const std::string& text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string part_text(const MacroPart& part, const MacroValues& values) {
  if (part.letter == 0) return part.literal;
  std::string text = transformed(value_of(part.letter, values), part);
  return part.url ? url_encoded(text) : text;
}

} // namespace

std::string expand(const MacroString& macros, const MacroValues& values) {
  std::string text;
  for (const MacroPart& part : macros.parts) {
    text += part_text(part, values);
    if (text.size() > kMostExpanded) break;
  }
  text.resize(std::min(text.size(), kMostExpanded));
  return text;
}

// From its end: what is left of the last 253 bytes is cut off anyway.
std::string expand_name(const MacroString& macros, const MacroValues& values) {
  std::string name;
  for (auto part = macros.parts.rbegin(); part != macros.parts.rend(); ++part) {
    name.insert(0, part_text(*part, values));
    if (name.size() > kLongestName + 1) break; // and a dot at its end
  }
  if (name.ends_with('.')) name.pop_back();
  while (name.size() > kLongestName) {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return {};
    name.erase(0, dot + 1);
  }
  return name;
}

} // namespace waypost::spfcheck
