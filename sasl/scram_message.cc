#include "sasl/scram_message.h"

#include <algorithm>
#include <optional>

#include "lib/sys/text.h"
#include "sasl/base64.h"

namespace waypost::sasl {
namespace {

// Takes "x=value" off the message; none when another attribute stands there.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  rest.remove_prefix(2);
  return cut(rest, ',');
}

// RFC 5802 7: extensions come last, each a letter, "=" and a value; those that are not mandatory
// ("m") may be passed over.
bool only_extensions(std::string_view rest) {
  while (!rest.empty()) {
    const std::string_view one = cut(rest, ',');
    const bool letter = one.size() >= 3 && one[1] == '=' &&
                        ((one[0] >= 'a' && one[0] <= 'z') || (one[0] >= 'A' && one[0] <= 'Z'));
    if (!letter || one[0] == 'm') return false;
  }
  return true;
}

bool printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::uint32_t> iterations_of(std::string_view text) {
  // posit-number: a digit from 1 on comes first.
  const bool posit = !text.empty() && text.front() != '0';
  const auto count = posit ? parse_number(text, UINT32_MAX) : std::nullopt;
  if (!count) return fail("SCRAM: bad iteration count");
  if (*count < kLeastIterations)
    return fail("SCRAM: " + std::to_string(*count) + " iterations are too few to be safe");
  if (*count > kMostIterations)
    return fail("SCRAM: " + std::to_string(*count) + " iterations are more than any server needs");
  return static_cast<std::uint32_t>(*count);
}

} // namespace

Result<ServerFirst> parse_server_first(std::string_view message, std::string_view our_nonce) {
  std::string_view rest = message;
  if (rest.starts_with("m=")) return fail("SCRAM: the server demands an extension");
  const auto nonce = take_attribute(rest, 'r');
  const auto salt = take_attribute(rest, 's');
  const auto count = take_attribute(rest, 'i');
  if (!nonce || !salt || !count || !only_extensions(rest))
    return fail("SCRAM: the server's first message is malformed");
  if (!printable_ascii(*nonce) || !nonce->starts_with(our_nonce))
    return fail("SCRAM: the server's nonce does not begin with ours");
  if (nonce->size() == our_nonce.size())
    return fail("SCRAM: the server has added nothing to our nonce");
  std::optional<std::string> bytes = decode_base64(*salt);
  if (!bytes) return fail("SCRAM: the salt is not base64");
  if (bytes->size() < kLeastSalt) return fail("SCRAM: the salt has less than 8 bytes");
  const Result<std::uint32_t> iterations = iterations_of(*count);
  if (!iterations) return std::unexpected(iterations.error());
  return ServerFirst{std::string(*nonce), std::move(*bytes), *iterations};
}

Result<ServerFinal> parse_server_final(std::string_view message) {
  std::string_view rest = message;
  if (const auto error = take_attribute(rest, 'e')) {
    if (error->empty()) return fail("SCRAM: the server's last message is malformed");
    return ServerFinal{{}, printable(error->substr(0, 64))};
  }
  const auto verifier = take_attribute(rest, 'v');
  if (!verifier || !only_extensions(rest))
    return fail("SCRAM: the server's last message is malformed");
  std::optional<std::string> signature = decode_base64(*verifier);
  if (!signature || signature->empty()) return fail("SCRAM: the server's signature is not base64");
  return ServerFinal{std::move(*signature), {}};
}

} // namespace waypost::sasl
