// MacroString: text with macros (RFC 7208 7), taken apart once and expanded for each message.
//
// Pure. What an expansion may need of DNS, the validated name of %{p}, is given to it; whoever
// expands looks at uses('p') first. An expansion is bounded by kMostExpanded: what would be longer
// is cut there, and no name of DNS is that long.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/ip.h"

namespace waypost::spfcheck {

struct MacroPart {
  std::string literal;    // of a part that is no macro; "%%", "%_" and "%-" are literals already
  char letter = 0;        // lower case; 0: a literal
  bool url = false;       // written in upper case: URL-encoded
  bool reverse = false;   // r
  unsigned keep = 0;      // the digits; 0: all parts
  std::string delimiters; // "." where none is written
};

struct MacroString {
  std::string text; // as written
  std::vector<MacroPart> parts;
  [[nodiscard]] bool uses(char letter) const;
};

struct MacroError {
  std::size_t at = 0; // in what was parsed
  std::string text;
};

// `explanation`: exp= text, where %{c}, %{r}, %{t} and spaces are allowed (RFC 7208 7.2).
[[nodiscard]] std::expected<MacroString, MacroError> parse_macros(std::string_view text,
                                                                  bool explanation = false);
// A domain-spec: macros, and at its end a macro or a dot and a top label (RFC 7208 7.1).
[[nodiscard]] std::expected<MacroString, MacroError> parse_domain_spec(std::string_view text);

// What the letters stand for (RFC 7208 7.2).
struct MacroValues {
  net::IpAddress ip;      // i, v, c
  std::string sender;     // s, l, o: an address with a local part
  std::string domain;     // d
  std::string helo;       // h
  std::string validated;  // p; "unknown" where there is none
  std::string receiver;   // r
  std::uint64_t time = 0; // t: seconds since 1970
};

inline constexpr std::size_t kMostExpanded = 4096;

[[nodiscard]] std::string expand(const MacroString& macros, const MacroValues& values);

// The same as a name to ask DNS for: without a dot at its end, and cut at its left, label by label,
// until it has at most 253 bytes (RFC 7208 7.3).
[[nodiscard]] std::string expand_name(const MacroString& macros, const MacroValues& values);

} // namespace waypost::spfcheck
