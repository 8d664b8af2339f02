// Json: writes one object a line, as every command's --json does.
//
//   JsonObject object;
//   object.text("id", id).number("size", 17).null("reply");
//   print(object.str());
//
// RFC 8259. Text need not be UTF-8: what is not becomes U+FFFD. What a terminal could obey (control
// characters, bidirectional overrides) is escaped, so that the output is safe to look at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace waypost {

[[nodiscard]] std::string json_string(std::string_view text); // with its quotes

class JsonObject {
public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, std::uint64_t value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& null(std::string_view key);
  // The value as text, null when it is empty.
  JsonObject& some_text(std::string_view key, std::string_view value);
  // A value that is JSON already.
  JsonObject& raw(std::string_view key, std::string_view json);

  [[nodiscard]] std::string str() const { return (out_.empty() ? "{" : out_) + "}"; }

private:
  std::string out_;
};

class JsonArray {
public:
  void add(std::string_view json);
  [[nodiscard]] std::string str() const { return (out_.empty() ? "[" : out_) + "]"; }

private:
  std::string out_;
};

} // namespace waypost
