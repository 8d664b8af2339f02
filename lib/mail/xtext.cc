#include "lib/mail/xtext.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

// Stands for itself in an xtext.
bool plain(char c) {
  return c > ' ' && c < 0x7F && c != '+' && c != '=';
}

} // namespace

std::string encode_xtext(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (plain(c)) {
      out += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    out += '+';
    out += kHex[value >> 4];
    out += kHex[value & 15];
  }
  return out;
}

std::optional<std::string> decode_xtext(std::string_view xtext) {
  std::string out;
  for (std::size_t i = 0; i < xtext.size(); ++i) {
    if (plain(xtext[i])) {
      out += xtext[i];
      continue;
    }
    if (xtext[i] != '+' || i + 2 >= xtext.size()) return std::nullopt;
    const std::size_t high = kHex.find(xtext[i + 1]);
    const std::size_t low = kHex.find(xtext[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool valid_orcpt(std::string_view text) {
  const std::size_t end = text.find(';');
  if (end == 0 || end == std::string_view::npos || end + 1 == text.size()) return false;
  const std::string_view type = text.substr(0, end);
  const std::string_view address = text.substr(end + 1);
  if (!std::ranges::all_of(type, plain)) return false;
  if (equal_ignoring_case(type, "utf-8")) return std::ranges::all_of(address, plain);
  return decode_xtext(address).has_value();
}

} // namespace waypost
