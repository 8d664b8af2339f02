// What a child may still do: a confinement cannot be taken back, so each is tried in a process of
// its own.
#pragma once

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/fd.h"

namespace waypost {

// Runs `work` in a child; its result is what it returned.
inline bool in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

inline bool denied(long result) {
  return result < 0 && (errno == EPERM || errno == EACCES);
}

inline bool cannot_open(const char* path, int flags) {
  const Fd fd(::open(path, flags, 0600));
  return denied(fd.get());
}

} // namespace waypost
