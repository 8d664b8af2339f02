// A key's record as it is pasted into a zone file (RFC 1035 5.1), and as web forms take it.
#pragma once

#include <string>
#include <string_view>

namespace waypost::dkim {

// "NAME. IN TXT ( "..." "..." )": strings of 255 bytes at most, which resolvers join (RFC 6376
// 3.6.2.2).
[[nodiscard]] std::string zone_record(std::string_view name, std::string_view text);
// "mail2026._domainkey.example.org"
[[nodiscard]] std::string record_name(std::string_view domain, std::string_view selector);

} // namespace waypost::dkim
