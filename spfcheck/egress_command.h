// waypost-spfcheck DOMAIN...: every way out, by the compiled configuration.
#pragma once

#include "spfcheck/arguments.h"
#include "spfcheck/egress_check.h"

namespace waypost::spfcheck {

// What has to be read before the program gives up its rights: the snapshot, and the addresses of
// this machine. The configuration's resolvers go into `arguments` where none are named there. An
// error has the exit status as its code.
[[nodiscard]] Result<EgressQuestion> read_question(Arguments& arguments);

// Prints the report; the exit status says the worst of it (finding.h).
[[nodiscard]] int run_egress(const Arguments& arguments, EgressQuestion question);

} // namespace waypost::spfcheck
