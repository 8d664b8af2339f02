#include "lib/sys/wait_for.h"

#include <sys/wait.h>

namespace waypost {

Result<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno("wait for process " + std::to_string(child));
  }
  return status;
}

} // namespace waypost
