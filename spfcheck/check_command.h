// The two ways to ask for checks: one by arguments, or a line each. Both print what they find to
// standard output.
#pragma once

#include "spfcheck/arguments.h"
#include "spfcheck/check_host.h"

namespace waypost::spfcheck {

// The exit status that says a result: waypost-spfcheck(1).
[[nodiscard]] int status_of(SpfResult result);

// -i: the exit status says the result.
[[nodiscard]] int run_check(const Arguments& arguments);

// --filter: 0 when every line was a query, 100 when one was not, 111 when the output was closed.
[[nodiscard]] int run_filter(const Arguments& arguments);

} // namespace waypost::spfcheck
