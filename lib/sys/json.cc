#include "lib/sys/json.h"

#include <array>
#include <cstdio>

#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

// The length of the character that `text` begins with; 0 when it is not UTF-8.
std::size_t character_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (valid_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

// All that printable() escapes lies below U+10000.
std::uint16_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const unsigned point = character.size() == 1 ? byte(0)
                         : character.size() == 2
                             ? (byte(0) & 0x1FU) << 6 | (byte(1) & 0x3FU)
                             : (byte(0) & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
  return static_cast<std::uint16_t>(point);
}

void append_escaped(std::string& out, std::uint16_t point) {
  switch (point) {
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: break;
  }
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(point));
  out += text.data();
}

} // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      out += kReplacement;
    } else if (character == "\"" || character == "\\") {
      out += '\\';
      out += character;
    } else if (printable(character) != character) {
      append_escaped(out, code_point(character));
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  out += '"';
  return out;
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  out_ += out_.empty() ? "{" : ",";
  out_ += json_string(key);
  out_ += ':';
  out_ += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  return raw(key, json_string(value));
}

JsonObject& JsonObject::number(std::string_view key, std::uint64_t value) {
  return raw(key, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
  return raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::null(std::string_view key) {
  return raw(key, "null");
}

JsonObject& JsonObject::some_text(std::string_view key, std::string_view value) {
  return value.empty() ? null(key) : text(key, value);
}

void JsonArray::add(std::string_view json) {
  out_ += out_.empty() ? "[" : ",";
  out_ += json;
}

} // namespace waypost
