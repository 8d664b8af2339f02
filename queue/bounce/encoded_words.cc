#include "queue/bounce/encoded_words.h"

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

constexpr std::string_view kBegin = "=?";
constexpr std::string_view kEnd = "?=";

std::optional<unsigned> digit(std::string_view digits, char c) {
  const std::size_t at = digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

// RFC 2047 4.2: "_" is a space, "=HH" a byte.
std::optional<std::string> decode_q(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i] == '_' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = digit(hex, ascii_lower(text[i + 1]));
    const auto low = digit(hex, ascii_lower(text[i + 2]));
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

std::optional<std::string> decode_b(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string out;
  unsigned bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const auto value = digit(digits, c);
    if (!value) return std::nullopt;
    bits = (bits << 6 | *value) & 0xFFFF;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xFF);
  }
  return out;
}

std::string from_latin_1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (value < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | value >> 6);
      out += static_cast<char>(0x80 | (value & 0x3F));
    }
  }
  return out;
}

// What stands between "=?" and "?=": charset, encoding and text.
std::optional<std::string> decode_word(std::string_view word) {
  // RFC 2231 5: a language may stand behind the charset.
  std::string_view charset = cut(word, '?');
  charset = charset.substr(0, charset.find('*'));
  const std::string_view encoding = cut(word, '?');
  std::optional<std::string> bytes;
  if (equal_ignoring_case(encoding, "q")) bytes = decode_q(word);
  if (equal_ignoring_case(encoding, "b")) bytes = decode_b(word);
  if (!bytes) return std::nullopt;
  if (equal_ignoring_case(charset, "iso-8859-1")) return from_latin_1(*bytes);
  const bool known =
      equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "us-ascii");
  return known ? bytes : std::nullopt;
}

// The end of the word that begins at `at`, at its "?="; npos when there is none. Its text may begin
// with "=", so the search goes on behind the encoding.
std::size_t end_of_word(std::string_view text, std::size_t at) {
  const std::size_t charset = text.find('?', at + kBegin.size());
  if (charset == std::string_view::npos) return charset;
  const std::size_t encoding = text.find('?', charset + 1);
  if (encoding == std::string_view::npos) return encoding;
  return text.find(kEnd, encoding + 1);
}

} // namespace

std::optional<std::string> decode_words(std::string_view text) {
  std::string out;
  bool after_word = false;
  for (;;) {
    const std::size_t at = text.find(kBegin);
    const std::string_view between = text.substr(0, at);
    // RFC 2047 6.2: white space between two encoded words is not part of the text.
    if (!after_word || at == std::string_view::npos || !trim(between).empty()) out += between;
    if (at == std::string_view::npos) return out;
    const std::size_t end = end_of_word(text, at);
    if (end == std::string_view::npos) return std::nullopt;
    const auto word = decode_word(text.substr(at + kBegin.size(), end - at - kBegin.size()));
    if (!word) return std::nullopt;
    out += *word;
    text.remove_prefix(end + kEnd.size());
    after_word = true;
  }
}

} // namespace waypost::queue
