#include "dkim/zone_record.h"

#include <algorithm>

namespace waypost::dkim {

std::string zone_record(std::string_view name, std::string_view text) {
  constexpr std::size_t kString = 255;
  std::string out(name);
  out += ". IN TXT (";
  do {
    out += "\n    \"";
    out += text.substr(0, kString);
    out += '"';
    text.remove_prefix(std::min(kString, text.size()));
  } while (!text.empty());
  return out + " )\n";
}

std::string record_name(std::string_view domain, std::string_view selector) {
  return std::string(selector) + "._domainkey." + std::string(domain);
}

} // namespace waypost::dkim
