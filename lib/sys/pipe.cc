#include "lib/sys/pipe.h"

#include <fcntl.h>

namespace waypost {

Result<Pipe> open_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) return fail_errno("make a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

} // namespace waypost
