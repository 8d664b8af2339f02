// The Received-SPF header field: RFC 7208 9.1, with its erratum 5436.
#pragma once

#include <string>

#include "spfcheck/check_host.h"

namespace waypost::spfcheck {

// Of a check of MAIL FROM, or of the HELO name when `sender` is null. Folded before it is longer
// than 78 characters, where that can be; lines end in "\n", but for the last. Whatever the other
// side said stands in quoted strings, with nothing in it that could end a line.
[[nodiscard]] std::string received_spf(const CheckResult& result, const Query& query,
                                       const std::string& sender);

} // namespace waypost::spfcheck
