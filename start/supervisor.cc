#include "start/supervisor.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/signals.h"
#include "start/member.h"

namespace waypost::start {
namespace {

constexpr int kMostBackoffSeconds = 30;
constexpr BootMs kHealthyMs = 60'000;
// The manager bounds its drain at 10 s; who is not done then is ended.
constexpr BootMs kDrainMs = 15'000;
constexpr BootMs kTellAgainMs = 1'000;

std::string describe(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

} // namespace

Supervisor::Supervisor(Home home, std::optional<Accounts> accounts, Readiness ready,
                       Outpost outpost)
    : home_(std::move(home)),
      accounts_(std::move(accounts)),
      ready_(std::move(ready)),
      outpost_(std::move(outpost)) {}

Result<> Supervisor::open_signals() {
  Result<Fd> heard = hear_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  if (!heard) return std::unexpected(heard.error());
  signals_ = std::move(*heard);
  ::signal(SIGCHLD, SIG_DFL); // ignored by our caller, it would hide how members end
  ::signal(SIGPIPE, SIG_IGN);
  // Senders are children of their template: when it dies, they shall be ours to wait for.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail_errno("prctl SUBREAPER");
  return {};
}

Result<> Supervisor::run() {
  const Result<> opened = open_signals();
  if (!opened) return opened;
  Result<Door> door = Door::open(home_, accounts_);
  if (!door) return std::unexpected(door.error());
  door_.emplace(std::move(*door));
  while (!leaving_) {
    live();
    if (!leaving_) wait_between_lives();
  }
  door_.reset();
  // Confined as we are we cannot make another one: whoever supervises us starts us anew.
  if (deserted_) return fail("the outpost has ended");
  Log("stopped").info();
  return {};
}

void Supervisor::live() {
  const BootMs born = clock_.boot_ms();
  broken_ = false;
  Result<Tree> tree = Tree::start(home_, accounts_, outpost_);
  if (!tree) {
    Log("start_failed").add("error", tree.error().text).error();
    return;
  }
  tree_.emplace(std::move(*tree));
  Log("started").add("pid", ::getpid()).info();
  while (!broken_) {
    const BootMs left = leave_by_ - clock_.boot_ms();
    if (leaving_ && left <= 0) break;
    wait(leaving_ ? static_cast<int>(left) : -1);
  }
  tree_.reset();
  if (clock_.boot_ms() - born >= kHealthyMs) backoff_s_ = 1;
}

void Supervisor::wait_between_lives() {
  Log("restart").add("in_s", backoff_s_).warning();
  const BootMs until = clock_.boot_ms() + BootMs{backoff_s_} * 1'000;
  backoff_s_ = std::min(backoff_s_ * 2, kMostBackoffSeconds);
  while (!leaving_) {
    const BootMs left = until - clock_.boot_ms();
    if (left <= 0) return;
    wait(static_cast<int>(left));
  }
}

void Supervisor::wait(int timeout_ms) {
  const BootMs now = clock_.boot_ms();
  if (tell_again_ && *tell_again_ <= now) tell_ready();
  for (const auto& until : {door_->rests_until(), tell_again_}) {
    if (!until || *until <= now) continue;
    const int left = static_cast<int>(*until - now);
    timeout_ms = timeout_ms < 0 ? left : std::min(timeout_ms, left);
  }
  std::vector<pollfd> watched{{signals_.get(), POLLIN, 0},
                              {tree_ ? tree_->from_manager() : -1, POLLIN, 0},
                              {door_->knock(now), POLLIN, 0}};
  const std::size_t first = watched.size();
  for (const int sleeper : tree_ ? tree_->sleepers() : std::vector<int>())
    watched.push_back({sleeper, POLLIN, 0});
  if (::poll(watched.data(), watched.size(), timeout_ms) <= 0) return;
  if (watched[2].revents != 0) door_->answer(now);
  if (watched[1].revents != 0) take_from_manager();
  for (std::size_t i = first; i < watched.size(); ++i)
    if (watched[i].revents != 0) wake(watched[i].fd, watched[i].revents);
  if (watched[0].revents != 0) take_signals();
}

void Supervisor::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (static_cast<int>(info.ssi_signo)) {
    case SIGHUP: reload(); break;
    case SIGCHLD: reap(); break;
    default: leave(); break;
    }
  }
}

void Supervisor::take_from_manager() {
  char bytes[64];
  const ssize_t n = ::read(tree_->from_manager(), bytes, sizeof bytes);
  if (n < 0) return;
  if (n == 0) { // the manager has ended: SIGCHLD tells how
    tree_->hang_up();
    return;
  }
  for (const char c : std::string_view(bytes, static_cast<std::size_t>(n))) {
    if (c != '\n') {
      Log("manager_out_of_step").add("said", std::string_view(&c, 1)).error();
      broken_ = true; // it says nothing else: what it meant was not heard
      return;
    }
    Log("ready").info();
    tell_ready();
  }
}

void Supervisor::tell_ready() {
  tell_again_.reset();
  if (ready_.tell()) return;
  Log("ready_untold").add("again_in_s", kTellAgainMs / 1'000).warning();
  tell_again_ = clock_.boot_ms() + kTellAgainMs;
}

void Supervisor::wake(int sleeper, short revents) {
  // Who would talk to it has ended, which is another's death: SIGCHLD tells.
  if ((revents & (POLLHUP | POLLERR)) != 0) return tree_->forget(sleeper);
  const Result<std::string> started = tree_->wake(sleeper);
  if (started) return Log("member_woken").add("member", *started).info();
  Log("start_failed").add("error", started.error().text).error();
  broken_ = true; // as if it had died at once: all start again, after a while
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
       pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid == compiler_) {
      compiled(status);
      continue;
    }
    if (door_->ended(pid, status, clock_.boot_ms())) continue;
    if (pid == outpost_.pid()) {
      Log("outpost_ended").add("pid", pid).add("status", describe(status)).error();
      deserted_ = true;
      leave();
      continue;
    }
    const auto program = tree_ ? tree_->member(pid) : std::nullopt;
    if (!program) continue;
    Log ended("member_ended");
    ended.add("member", *program).add("pid", pid).add("status", describe(status));
    if (leaving_) {
      ended.info();
    } else {
      ended.error();
    }
    tree_->ended(pid);
    broken_ = true;
  }
}

void Supervisor::reload() {
  if (leaving_) return;
  if (compiler_ > 0) {
    compile_again_ = true;
    return;
  }
  const Result<pid_t> started = start_plain({"waypost-config", "compile"});
  if (!started) {
    Log("reload_refused").add("error", started.error().text).error();
    return;
  }
  compiler_ = *started;
}

void Supervisor::compiled(int status) {
  compiler_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    Log("reloaded").info();
    if (tree_) tree_->signal_manager(SIGHUP);
  } else {
    Log("reload_refused")
        .add("reason", "waypost-config compile: " + describe(status))
        .add("still", "the configuration as it was")
        .error();
  }
  if (!std::exchange(compile_again_, false)) return;
  reload();
}

void Supervisor::leave() {
  if (leaving_) return;
  leaving_ = true;
  leave_by_ = clock_.boot_ms() + kDrainMs;
  Log("stopping").info();
  if (tree_) tree_->signal_manager(SIGTERM);
}

} // namespace waypost::start
