// Macro strings that anybody may publish, and a sender that anybody may choose: an expansion is
// bounded, and a name that comes of one can be asked for or is refused.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "spfcheck/macro.h"
#include "spfcheck/names.h"

using namespace waypost;
using namespace waypost::spfcheck;

namespace {

void check_url(const std::string& expanded) {
  for (const char c : expanded) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~%").contains(c);
    if (!plain) std::abort();
  }
}

} // namespace

// The first line is the macro string, the rest the sender.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string text = input.substr(0, end);
  MacroValues values;
  values.ip = *net::IpAddress::parse(size % 2 == 0 ? "192.0.2.3" : "2001:db8::1");
  values.sender = sender_of(end < size ? input.substr(end + 1) : "bob@example.org");
  values.domain = domain_of(values.sender);
  values.helo = values.domain;
  values.time = size;
  const auto macros = parse_macros(text, true);
  if (!macros && (macros.error().at > text.size() || macros.error().text.empty())) std::abort();
  if (macros && expand(*macros, values).size() > kMostExpanded) std::abort();
  const auto spec = parse_domain_spec(text);
  if (!spec) return 0;
  if (!macros || spec->parts.empty()) std::abort();
  const std::string name = expand_name(*spec, values);
  if (name.size() > 253) std::abort();
  if (is_name(name) && (name.starts_with('.') || name.contains(".."))) std::abort();
  for (MacroPart part : spec->parts) {
    if (part.letter == 0) continue;
    part.url = true;
    check_url(expand({"", {part}}, values));
  }
  return 0;
}
