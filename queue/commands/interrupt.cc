#include "queue/commands/interrupt.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace waypost::queue {
namespace {

sigset_t signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

Interrupt::Interrupt() {
  const sigset_t set = signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

bool Interrupt::came() {
  signalfd_siginfo info{};
  if (came_ || ::read(fd(), &info, sizeof info) != sizeof info) return came_;
  came_ = true;
  const sigset_t set = signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

} // namespace waypost::queue
