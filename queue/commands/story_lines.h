// Pieces that both halves of a story's text use.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/text.h"

namespace waypost::queue {

inline void append_line(std::string& out, std::string_view indent, std::string_view text) {
  out += indent;
  out += text;
  out += '\n';
}

// "direct (waypost.toml:41)"
inline std::string by_route(std::string_view transport, std::string_view rule) {
  std::string text = printable(transport);
  if (!rule.empty()) text += " (" + (rule == "default" ? "no rule matched" : printable(rule)) + ")";
  return text;
}

} // namespace waypost::queue
