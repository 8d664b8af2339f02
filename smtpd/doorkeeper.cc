#include "smtpd/doorkeeper.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <span>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/signals.h"

namespace waypost::smtpd {
namespace {

constexpr BootMs kFarewellMs = 20'000;

bool shortage(int code) {
  return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

} // namespace

Result<> Doorkeeper::run() {
  const Result<> heard = open_signals();
  if (!heard) return heard;
  std::vector<pollfd> watched;
  while (ends_ == 0 || (!serving_.empty() && clock_.boot_ms() < ends_)) {
    watched.assign({{signals_.get(), POLLIN, 0}});
    if (ends_ == 0 && serving_.size() < wires_.places)
      for (const Fd& listener : wires_.listeners)
        watched.push_back({listener.get(), POLLIN, 0});
    const int ready = ::poll(watched.data(), watched.size(), patience());
    if (ready < 0 && errno == ENOMEM) ::usleep(10'000); // which passes
    if (ready < 0 && errno != EINTR && errno != ENOMEM) return fail_errno("poll");
    if (ready <= 0) continue;
    if (watched[0].revents != 0 && !reap()) return fail("the gate has ended");
    for (const pollfd& one : std::span(watched).subspan(1))
      if (one.revents != 0 && ends_ == 0 && serving_.size() < wires_.places)
        take_connection(one.fd);
  }
  return {};
}

void Doorkeeper::take_connection(int listener) {
  Fd connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) { // the client has gone; or the system lacks something: not at full speed
    if (shortage(errno)) ::usleep(100'000);
    return;
  }
  const pid_t child = ::fork();
  if (child < 0) { // the client sees the connection close, and comes again
    Log("no_process").add("error", fail_errno("fork").error().text).error();
    ::usleep(100'000);
    return;
  }
  if (child != 0) {
    serving_.insert(child);
    return;
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  serve_(std::move(connection));
  ::_exit(0);
}

bool Doorkeeper::reap() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGTERM || ends_ != 0) continue;
    ends_ = clock_.boot_ms() + kFarewellMs;
    wires_.listeners.clear(); // for whoever comes after us
    wires_.going.reset();
  }
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid == wires_.gate) return false;
    serving_.erase(pid);
    if (WIFSIGNALED(status))
      Log("broke_off").add("pid", pid).add("signal", WTERMSIG(status)).error();
  }
  return true;
}

Result<> Doorkeeper::open_signals() {
  Result<Fd> heard = hear_signals({SIGCHLD, SIGTERM});
  if (!heard) return std::unexpected(heard.error());
  signals_ = std::move(*heard);
  return {};
}

int Doorkeeper::patience() const {
  if (ends_ == 0) return -1;
  return static_cast<int>(std::max<BootMs>(ends_ - clock_.boot_ms(), 0));
}

} // namespace waypost::smtpd
