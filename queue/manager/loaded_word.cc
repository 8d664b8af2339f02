#include "queue/manager/loaded_word.h"

#include <cerrno>
#include <unistd.h>

#include "lib/sys/error.h"
#include "lib/sys/shortage.h"

namespace waypost::queue {
namespace {

constexpr BootMs kAgainMs = 100;

} // namespace

void say_loaded(int fd, const Later& later) {
  if (::write(fd, "\n", 1) == 1) return;
  const Error error = fail_errno("tell waypost-start").error();
  if (passes(error)) later(kAgainMs, [fd, later] { say_loaded(fd, later); });
}

} // namespace waypost::queue
