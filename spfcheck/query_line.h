// A line of the filter: "IP SENDER HELO", parted by tabs where there is one, by spaces else.
//
// The null sender is "<>". HELO may be missing, or "-". A sender with a space in its quoted local
// part needs tabs. A line longer than kMostOfLine, or with a NUL, is no query.
#pragma once

#include <string>
#include <string_view>

#include "lib/net/ip.h"
#include "lib/sys/error.h"

namespace waypost::spfcheck {

inline constexpr std::size_t kMostOfLine = 4096;

struct QueryLine {
  net::IpAddress ip;
  std::string sender;
  std::string helo;
};

[[nodiscard]] Result<QueryLine> parse_query_line(std::string_view line);

} // namespace waypost::spfcheck
