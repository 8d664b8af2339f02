#include "queue/accept/pipe_intake.h"

#include <sys/stat.h>

namespace waypost::queue {

Bytes PipeIntake::message() {
  const auto ready = patience_.wait_for(from_.message);
  if (!ready) return std::unexpected(ready.error());
  return pipes_.message();
}

Bytes PipeIntake::envelope() {
  const auto ready = patience_.wait_for(from_.envelope);
  if (!ready) return std::unexpected(ready.error());
  return pipes_.envelope();
}

bool is_pipe(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
}

} // namespace waypost::queue
