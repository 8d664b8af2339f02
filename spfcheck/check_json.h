// A check as one JSON object: waypost-spfcheck(1) names its keys.
#pragma once

#include <string>

#include "spfcheck/check_host.h"

namespace waypost::spfcheck {

[[nodiscard]] std::string check_json(const CheckResult& result, const Query& query,
                                     const std::string& sender, bool with_trace);
[[nodiscard]] std::string trace_json(const DomainTrace& trace);

} // namespace waypost::spfcheck
