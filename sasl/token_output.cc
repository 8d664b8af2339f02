#include "sasl/token_output.h"

#include <algorithm>

#include "lib/sys/json_reader.h"
#include "lib/sys/text.h"
#include "sasl/sealing.h"

namespace waypost::sasl {
namespace {

constexpr std::string_view kExpires = "expires_in=";
constexpr std::string_view kBlanks = " \t\r\n";

// RFC 6750 2.1
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSecret &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<Token> token_of(std::string_view text, std::optional<std::uint64_t> lifetime_s) {
  if (!is_token(text)) return fail("it printed no bearer token (RFC 6750 2.1)");
  return Token{secret_of(text), lifetime_s};
}

// Some servers say their number as a text.
Result<> read_lifetime(JsonReader& in, std::optional<std::uint64_t>& lifetime_s) {
  const JsonReader before = in;
  std::uint64_t number = 0;
  if (in.number(number)) {
    lifetime_s = number;
    return {};
  }
  in = before;
  std::string text;
  const Result<> read = in.text(text);
  if (!read) return read;
  lifetime_s = parse_number(text);
  return lifetime_s ? Result<>() : fail("expires_in is no number of seconds");
}

Result<Token> parse_json(std::string_view output) {
  std::string token;
  token.reserve(output.size()); // it does not move while it grows
  std::string type = "Bearer";
  std::optional<std::uint64_t> lifetime_s;
  JsonReader in(output);
  const Result<> read = in.object([&](std::string_view key) -> Result<> {
    if (key == "access_token") return in.text(token);
    if (key == "token_type") return in.text(type);
    if (key == "expires_in") return read_lifetime(in, lifetime_s);
    return in.skip();
  });
  const Result<> whole = read ? in.end() : Result<>();
  Result<Token> made = token_of(token, lifetime_s);
  wipe(token);
  if (!read || !whole) return fail("it printed no JSON object with an access_token");
  if (!equal_ignoring_case(type, "Bearer")) return fail("its token_type is not Bearer");
  return made;
}

Result<Token> parse_lines(std::string_view output) {
  std::string_view rest = output;
  const std::string_view token = trim(cut(rest, '\n'), kBlanks);
  std::optional<std::uint64_t> lifetime_s;
  while (!rest.empty()) {
    std::string_view line = trim(cut(rest, '\n'), kBlanks);
    if (line.empty()) continue;
    const bool known = line.starts_with(kExpires);
    if (known) lifetime_s = parse_number(line.substr(kExpires.size()));
    if (!known || !lifetime_s)
      return fail("behind its token it printed what is not expires_in=SECONDS");
  }
  return token_of(token, lifetime_s);
}

} // namespace

Result<Token> parse_token_output(std::string_view output) {
  const std::string_view text = trim(output, kBlanks);
  return text.starts_with('{') ? parse_json(text) : parse_lines(text);
}

} // namespace waypost::sasl
