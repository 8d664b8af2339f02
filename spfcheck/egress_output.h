// The report of every egress, for people and as JSON. waypost-spfcheck(1) lists the keys.
#pragma once

#include <string>

#include "spfcheck/finding.h"

namespace waypost::spfcheck {

// `quiet`: only what is not as it should be; "" when all is well.
[[nodiscard]] std::string egress_text(const EgressReport& report, bool quiet);
// An object a line: each finding, and each domain's record.
[[nodiscard]] std::string egress_json(const EgressReport& report, bool quiet);

} // namespace waypost::spfcheck
