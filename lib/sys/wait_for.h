// Waiting for one child to end.
#pragma once

#include <sys/types.h>

#include "lib/sys/error.h"

namespace waypost {

// The status that waitpid(2) gives, for WIFEXITED and its kin, once it has ended. An error: there
// is no such child, or SIGCHLD is ignored.
[[nodiscard]] Result<int> wait_for(pid_t child);

} // namespace waypost
