// waypost-queue: puts one message into the queue. waypost-queue(8).
//
// Privilege: set-group-id waydrop where installed, which may create names in spool/new and nothing
// else. The caller is hostile: descriptors, limits, signals, umask and environment are its choice.
// With WAYPOST_HOME the group is given up for good before anything else is looked at. What a
// mistake of ours could give away is the group; so it can change no file but those of the spool.

#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/snapshot.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/privilege.h"
#include "lib/sys/text.h"
#include "queue/accept/accept.h"

namespace {

using waypost::queue::QueueExit;

// A caller that neither writes nor closes would hold memory and a file for ever. qmail's limit.
constexpr unsigned kPatienceSeconds = 86'400;

[[noreturn]] void leave(QueueExit how) {
  ::_exit(static_cast<int>(how)); // nothing is buffered, and no destructor matters any more
}

[[noreturn]] void refuse(QueueExit how, std::string_view why) {
  const std::string line = "waypost-queue: " + waypost::printable(why) + "\n";
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr); // perhaps nobody reads our standard error
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
  leave(how);
}

// The file has no name until it is whole, so leaving at any moment leaves nothing behind.
extern "C" void on_alarm(int) {
  leave(QueueExit::timeout);
}

void settle_signals() {
  struct sigaction on_time{};
  on_time.sa_handler = on_alarm;
  ::sigaction(SIGALRM, &on_time, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, nullptr); // a file size limit is a write error, not a death
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::alarm(kPatienceSeconds);
}

std::uint32_t random_number() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    refuse(QueueExit::internal, "no random numbers");
  return number;
}

waypost::queue::AcceptRequest make_request(const waypost::Home& home) {
  const waypost::Settings settings = waypost::read_settings(home.snapshot());
  waypost::queue::AcceptRequest request;
  request.spool = home.spool;
  request.hostname = settings.hostname;
  request.limits.size_max = settings.size_max;
  request.limits.free_min = {settings.queue_free_min_bytes, settings.queue_free_min_percent};
  request.caller = {waypost::caller_uid(), home.personal};
  request.now = waypost::RealClock().wall_us();
  request.random = random_number();
  return request;
}

} // namespace

int main() {
  std::set_new_handler([] { leave(QueueExit::out_of_memory); });
  const waypost::Home home = waypost::find_home();
  if (home.personal && waypost::started_set_id() && !waypost::give_up_group())
    leave(QueueExit::internal);
  const auto fds = waypost::open_standard_fds();
  if (!fds || !waypost::forbid_inspection()) leave(QueueExit::internal);
  if (!fds->in || !fds->out) refuse(QueueExit::read_error, "descriptor 0 or 1 is closed");
  ::umask(0);
  settle_signals();
  waypost::confine({.read = {home.etc, "/etc/mailname", "/etc/passwd"}, .write = {home.spool}},
                   static_cast<int>(QueueExit::internal));

  waypost::RealFs fs;
  const auto accepted =
      waypost::queue::accept_message(fs, make_request(home), STDIN_FILENO, STDOUT_FILENO);
  if (!accepted) refuse(accepted.error().exit, accepted.error().text);
  leave(QueueExit::accepted);
}
