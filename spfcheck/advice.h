// Advice: an SPF record with what is missing in it, as a line of a zone file to paste. Pure.
//
// Terms come where they are looked at: before the `all`, the redirect, or whatever term an address
// failed by; behind the others, which were there first.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/net/ip.h"
#include "spfcheck/record.h"

namespace waypost::spfcheck {

inline constexpr std::size_t kMostInString = 255; // RFC 1035 3.3
inline constexpr std::size_t kMostWise = 450;     // RFC 7208 3.4: beyond it answers may not fit

struct Addition {
  std::string term;                  // "ip4:203.0.113.9", "include:_spf.example.net"
  std::optional<std::size_t> before; // where in the record the term stands that is in its way
};

[[nodiscard]] std::string address_term(const net::IpAddress& address);

// The record with the additions, each once; `first`: before all that is there. Without a record
// (`current` null) a new one, which ends in ~all: what was forgotten is marked then, and not
// refused.
[[nodiscard]] std::string with_additions(const Record* current, std::span<const Addition> additions,
                                         bool first = false);

// `example.org. IN TXT "v=spf1 ..."`: the text in strings of at most 255 bytes, broken at spaces.
[[nodiscard]] std::string zone_line(std::string_view domain, std::string_view text);

} // namespace waypost::spfcheck
