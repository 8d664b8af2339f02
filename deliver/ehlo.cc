#include "deliver/ehlo.h"

#include "lib/sys/text.h"

namespace waypost::deliver {

Capabilities capabilities_of(const Reply& ehlo) {
  Capabilities offered;
  std::string_view rest = ehlo.text;
  const std::string_view greeting = cut(rest, '\n');
  static_cast<void>(greeting);
  while (!rest.empty()) {
    std::string_view line = trim(cut(rest, '\n'));
    const std::string keyword = ascii_lower(cut(line, ' '));
    if (keyword == "pipelining") offered.pipelining = true;
    if (keyword == "8bitmime") offered.eight_bit_mime = true;
    if (keyword == "smtputf8") offered.smtputf8 = true;
    if (keyword == "starttls") offered.starttls = true;
    if (keyword == "dsn") offered.dsn = true;
    if (keyword == "size") {
      offered.size = true;
      offered.size_limit = parse_number(trim(line)).value_or(0);
    }
  }
  return offered;
}

} // namespace waypost::deliver
