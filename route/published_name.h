// What waypost.toml says of the records that a domain publishes: mechanisms of SPF, and selectors
// of DKIM. Checked, and brought into the one form in which the snapshot keeps them.
#pragma once

#include <string>
#include <string_view>

#include "route/quantity.h"

namespace waypost::route {

// A mechanism as a sender's domain would have it in its record (RFC 7208 5): include:, a:, mx:,
// ip4: or ip6:, without qualifier and macros. "_spf.example.net" alone is include:_spf.example.net,
// and "192.0.2.0/24" is ip4:192.0.2.0/24.
[[nodiscard]] Parsed<std::string> parse_spf_mechanism(std::string_view text);
// RFC 6376 3.1: labels with dots between.
[[nodiscard]] Parsed<std::string> parse_selector(std::string_view text);

} // namespace waypost::route
