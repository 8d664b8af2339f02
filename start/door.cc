#include "start/door.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "lib/mail/handover.h"
#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "start/descriptors.h"
#include "start/member.h"

namespace waypost::start {
namespace {

constexpr const char* kProgram = "waypost-accept";
constexpr BootMs kMostRestMs = 30'000;
constexpr BootMs kFarewellMs = 2'000;

} // namespace

Result<Door> Door::open(const Home& home, const std::optional<Accounts>& accounts) {
  Door door;
  // Everyone may knock at an installed queue: waypost-accept knows its callers by their uid.
  Result<Fd> listener = listen_at(handover_socket(home), home.personal ? 0600 : 0666);
  if (!listener) return std::unexpected(listener.error());
  Result<Ends> lifeline = make_pipe();
  if (!lifeline) return std::unexpected(lifeline.error());
  door.listener_ = std::move(*listener);
  door.lifeline_ = std::move(lifeline->write);
  door.lifeline_read_ = std::move(lifeline->read);
  door.nothing_ = Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!door.nothing_) return fail_errno("open /dev/null");
  if (accounts) door.identity_ = &accounts->accept;
  return door;
}

Door::Door(Door&& other) noexcept
    : identity_(other.identity_),
      listener_(std::move(other.listener_)),
      nothing_(std::move(other.nothing_)),
      lifeline_read_(std::move(other.lifeline_read_)),
      lifeline_(std::move(other.lifeline_)),
      pid_(std::exchange(other.pid_, -1)),
      rests_until_(other.rests_until_),
      rest_ms_(other.rest_ms_) {}

Door::~Door() {
  lifeline_.reset();
  if (pid_ <= 0) return;
  const RealClock clock;
  const BootMs until = clock.boot_ms() + kFarewellMs;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (clock.boot_ms() >= until) {
      ::kill(-pid_, SIGKILL); // with those who serve its callers
      ::waitpid(pid_, nullptr, 0);
      return;
    }
    ::usleep(5'000);
  }
}

int Door::knock(BootMs now) const {
  const bool resting = rests_until_ && now < *rests_until_;
  return pid_ > 0 || resting ? -1 : listener_.get();
}

void Door::answer(BootMs now) {
  const std::vector<Placement> placements{{wiring::kHandovers, listener_.get()},
                                          {STDOUT_FILENO, nothing_.get()},
                                          {wiring::kLifeline, lifeline_read_.get()}};
  const Result<pid_t> started = start_member({kProgram, placements}, identity_, 0);
  if (!started) {
    Log("start_failed").add("member", kProgram).add("error", started.error().text).error();
    return rest(now);
  }
  pid_ = *started;
  rests_until_.reset();
}

bool Door::ended(pid_t pid, int status, BootMs now) {
  if (pid != pid_) return false;
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    rest_ms_ = kRestMs;
    return true;
  }
  Log ended("member_ended");
  ended.add("member", kProgram).add("pid", pid);
  if (WIFSIGNALED(status)) {
    ended.add("status", "signal " + std::to_string(WTERMSIG(status))).error();
  } else {
    ended.add("status", "exit " + std::to_string(WEXITSTATUS(status))).error();
  }
  rest(now);
  return true;
}

void Door::rest(BootMs now) {
  rests_until_ = now + rest_ms_;
  rest_ms_ = std::min(rest_ms_ * 2, kMostRestMs);
}

} // namespace waypost::start
