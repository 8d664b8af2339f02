#include "local/lspawn.h"

#include <algorithm>
#include <csignal>
#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "lib/sys/log.h"
#include "lib/sys/signals.h"
#include "lib/sys/wait_for.h"

namespace waypost::local {
namespace {

LocalResult result_of(std::uint64_t job, int status, std::string text) {
  LocalResult result;
  result.job = job;
  result.kind = WIFSIGNALED(status) ? LocalResult::Kind::killed : LocalResult::Kind::ended;
  result.number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  result.text = std::move(text);
  return result;
}

} // namespace

Lspawn::Lspawn(Fd manager, Fd lifeline, std::string snapshot, std::function<std::string()> program,
               Machine machine)
    : manager_(std::move(manager)),
      lifeline_(std::move(lifeline)),
      snapshot_(std::move(snapshot)),
      program_(std::move(program)),
      machine_(std::move(machine)) {
  reload();
}

// The old one holds on where the new one cannot be read, until the next job asks again.
void Lspawn::reload() {
  const Result<Snapshot> snapshot = read_snapshot(snapshot_);
  stale_ = !snapshot;
  if (snapshot) {
    configuration_ = LocalConfiguration::of(*snapshot);
  } else {
    Log("no_snapshot").add("reason", snapshot.error().text).warning();
  }
  ::malloc_trim(0); // of all that was read, little is kept
}

Result<> Lspawn::run() {
  Result<Fd> children = hear_signals({SIGCHLD});
  if (!children) return std::unexpected(children.error());
  signals_ = std::move(*children);
  std::vector<pollfd> watched;
  for (;;) {
    watched = {
        {lifeline_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {manager_.get(), POLLIN, 0}};
    if (running_.size() >= kLocalPlaces) watched.back().fd = -1;
    for (const Running& one : running_)
      watched.push_back({one.process.output.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), wait_ms()) < 0 && errno != EINTR)
      return fail_errno("poll");
    if (watched[0].revents != 0) return {};
    for (Running& one : running_)
      listen_to(one);
    const Result<> reaped = watched[1].revents != 0 ? reap() : Result<>();
    if (!reaped) return reaped;
    kill_overdue();
    if (watched[2].revents == 0) continue;
    const Result<bool> goes_on = take_frames();
    if (!goes_on) return std::unexpected(goes_on.error());
    if (!*goes_on) return {};
  }
}

Result<bool> Lspawn::take_frames() {
  const Result<bool> read = incoming_.read_from(manager_.get(), true);
  if (!read || !*read) return read;
  for (;;) {
    Result<std::optional<Frame>> frame = incoming_.next();
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) return true;
    const Result<> taken = take(std::move(**frame));
    if (!taken) return std::unexpected(taken.error());
  }
}

Result<> Lspawn::take(Frame frame) {
  if (frame.record.get("type") == "reload") {
    reload();
    return {};
  }
  const Result<LocalJob> job = local_job(frame.record);
  if (!job) return std::unexpected(job.error());
  if (!frame.descriptor.valid()) return fail("local job: no message");
  return start(*job, std::move(frame.descriptor));
}

Result<> Lspawn::start(const LocalJob& job, Fd message) {
  if (stale_) reload();
  const auto plan = plan_delivery(job, configuration_, machine_);
  if (!plan) return answer(plan.error());
  Result<Launched> launched = launch(*plan, program_(), std::move(message));
  if (!launched) {
    LocalResult result;
    result.job = job.job;
    result.kind = LocalResult::Kind::refused;
    result.text = launched.error().text;
    return answer(result);
  }
  const BootMs until = clock_.boot_ms() + static_cast<BootMs>(plan->limit_ms);
  running_.push_back({job.job, std::move(*launched), {}, until});
  return {};
}

// What comes beyond the bound is read and forgotten: the program shall not block.
void Lspawn::listen_to(Running& one) {
  char bytes[4096];
  for (int pieces = 0; pieces < 16; ++pieces) {
    const ssize_t n = ::read(one.process.output.get(), bytes, sizeof bytes);
    if (n < 0) return;
    if (n == 0) return one.process.output.reset();
    const std::size_t room = kMaxLocalText - one.text.size();
    one.text.append(bytes, std::min(room, static_cast<std::size_t>(n)));
  }
}

Result<> Lspawn::reap() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
  }
  // Until it is waited for, its number is nobody else's: that of its group neither.
  siginfo_t ended{};
  while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
    const pid_t pid = ended.si_pid;
    const auto at = std::ranges::find_if(
        running_, [pid](const Running& one) { return one.process.pid == pid; });
    if (at != running_.end()) ::kill(-pid, SIGKILL); // what it left behind in its group
    const Result<int> status = wait_for(pid);
    if (!status) return std::unexpected(status.error());
    if (at == running_.end()) continue;
    listen_to(*at);
    const LocalResult result = result_of(at->job, *status, std::move(at->text));
    running_.erase(at);
    const Result<> told = answer(result);
    if (!told) return told;
  }
  return {};
}

void Lspawn::kill_overdue() {
  const BootMs now = clock_.boot_ms();
  for (const Running& one : running_)
    if (one.until <= now) ::kill(-one.process.pid, SIGKILL);
}

int Lspawn::wait_ms() const {
  if (running_.empty()) return -1;
  const BootMs first = std::ranges::min_element(running_, {}, &Running::until)->until;
  return static_cast<int>(std::clamp<BootMs>(first - clock_.boot_ms(), 100, 3'600'000));
}

Result<> Lspawn::answer(const LocalResult& result) {
  OutgoingFrames outgoing;
  outgoing.push(to_record(result), {}, {});
  for (;;) {
    const Result<bool> left = outgoing.write_to(manager_.get(), true);
    if (!left) return std::unexpected(left.error());
    if (*left) return {};
    pollfd room{manager_.get(), POLLOUT, 0};
    ::poll(&room, 1, 1000);
  }
}

} // namespace waypost::local
