#include "queue/accept/reception.h"

#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mail/handover.h"
#include "lib/sys/log.h"
#include "lib/sys/signals.h"
#include "queue/accept/queue_exit.h"

namespace waypost::queue {
namespace {

// It always fits: nothing else was ever sent. False: the caller has gone, or the kernel lacks
// memory.
bool tell(int connection, const HandoverAnswer& answer) {
  const std::string frame = encode(answer);
  const ssize_t n = ::send(connection, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n == static_cast<ssize_t>(frame.size());
}

void refuse(int connection, const std::string& text) {
  // Who cannot be told sees the connection close.
  static_cast<void>(tell(connection, {false, static_cast<int>(QueueExit::busy), text}));
}

} // namespace

Result<> Reception::run() {
  Result<Fd> children = hear_signals({SIGCHLD});
  if (!children) return std::unexpected(children.error());
  children_ = std::move(*children);
  bool ending = false;
  while (!ending || !places_.empty()) {
    const bool open = !ending && !places_.full();
    pollfd watched[3] = {{children_.get(), POLLIN, 0},
                         {open ? wires_.listener : -1, POLLIN, 0},
                         {ending ? -1 : wires_.lifeline, POLLIN, 0}};
    const int ready = ::poll(watched, 3, places_.empty() ? wires_.idle_ms : -1);
    if (ready < 0 && errno != EINTR) return fail_errno("poll");
    if (ready == 0) return {};
    if (ready < 0) continue;
    if (watched[0].revents != 0) reap();
    if (spoiled_ && places_.empty()) return {}; // the next knock starts another
    if (watched[2].revents != 0) ending = true;
    if (watched[1].revents != 0 && !ending) take_connection();
  }
  return {};
}

void Reception::take_connection() {
  const Fd connection(::accept4(wires_.listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) { // the caller has gone; or the system has no descriptor: not at full speed
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      ::usleep(100'000);
    return;
  }
  ucred caller{};
  socklen_t size = sizeof caller;
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &caller, &size) != 0) return;
  if (!places_.free_for(caller.uid)) {
    return refuse(connection.get(), "all " + std::to_string(Places::kOfOneUser) +
                                        " places of user " + std::to_string(caller.uid) +
                                        " are taken");
  }
  start(connection, caller.uid);
}

void Reception::start(const Fd& connection, uid_t caller) {
  const pid_t child = ::fork();
  if (child < 0) {
    Log("no_process").add("error", fail_errno("fork").error().text).error();
    return refuse(connection.get(), "no process can be started");
  }
  if (child != 0) return places_.take(child, caller);
  ::close(wires_.listener);
  children_.reset();
  // Who has not heard that it may begin waits for it, and we would wait for the message.
  if (tell(connection.get(), {true, 0, ""})) serve_(connection.get(), caller);
  ::_exit(0);
}

void Reception::reap() {
  signalfd_siginfo info{};
  while (::read(children_.get(), &info, sizeof info) == sizeof info) {
  }
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    places_.leave(pid);
    if (!WIFSIGNALED(status)) continue;
    Log("broke_off").add("pid", pid).add("signal", WTERMSIG(status)).warning();
    spoiled_ = spoiled_ || WTERMSIG(status) != SIGKILL; // which others send
  }
}

} // namespace waypost::queue
