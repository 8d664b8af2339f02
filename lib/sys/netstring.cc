#include "lib/sys/netstring.h"

#include "lib/sys/text.h"

namespace waypost {

void append_netstring(std::string& out, std::string_view payload) {
  out += std::to_string(payload.size());
  out += ':';
  out += payload;
  out += ',';
}

Result<std::optional<std::string_view>> take_netstring(std::string_view& rest, std::size_t most) {
  constexpr std::size_t kDigits = 20;
  const std::size_t colon = rest.substr(0, kDigits + 1).find(':');
  if (colon == std::string_view::npos) {
    // More digits only make it longer: nobody waits for a record that would be refused.
    if (rest.size() > kDigits || (!rest.empty() && !parse_number(rest, most))) {
      return fail("malformed netstring: no length");
    }
    return std::nullopt;
  }
  const std::string_view digits = rest.substr(0, colon);
  const std::optional<std::uint64_t> length = parse_number(digits, most);
  if (!length || (digits.size() > 1 && digits.front() == '0')) {
    return fail("malformed netstring: bad length");
  }
  if (rest.size() - colon - 1 <= *length) return std::nullopt;
  const std::string_view payload = rest.substr(colon + 1, *length);
  if (rest[colon + 1 + *length] != ',') return fail("malformed netstring: no comma");
  rest.remove_prefix(colon + 2 + *length);
  return payload;
}

} // namespace waypost
