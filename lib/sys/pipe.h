// A pipe: both ends owned, both closed where a program is executed.
#pragma once

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

struct Pipe {
  Fd read;
  Fd write;
};

// `flags` beside O_CLOEXEC: O_NONBLOCK, for both ends.
[[nodiscard]] Result<Pipe> open_pipe(int flags = 0);

} // namespace waypost
