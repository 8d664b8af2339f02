#include "smtpd/process.h"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mail/handover.h"
#include "lib/mail/snapshot.h"
#include "lib/sys/log.h"
#include "lib/sys/passwd.h"
#include "smtpd/dialogue.h"
#include "smtpd/gate_door.h"

namespace waypost::smtpd {
namespace {

// waypost-accept knows us by our user id, and keeps the message in a file of its own: for
// sendmail -bs the file stays the caller's.
Gate::Ways ways_of(const Home& home, const Options& options) {
  Gate::Ways ways;
  ways.program = options.queue.empty() ? program_path("waypost-queue") : options.queue;
  const bool ask = options.queue.empty() && !options.caller && ::getuid() == ::geteuid();
  if (ask) ways.acceptor = handover_socket(home);
  if (options.local) ways.route = program_path("waypost-route");
  return ways;
}

// As the queue manager names it.
std::string own_account() {
  const auto user = find_passwd_uid(::geteuid());
  if (!user) leave(kTemporary, user.error());
  return *user ? (*user)->name : "uid:" + std::to_string(::geteuid());
}

} // namespace

void leave(int status, const Error& why) {
  Log("stopped").add("error", why.text).error();
  ::_exit(status);
}

void silence(int fd) {
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.get(), fd) < 0) ::_exit(kTemporary);
}

void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kTemporary);
}

Pair make_pair() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    leave(kTemporary, fail_errno("socketpair").error());
  return {Fd(pair[0]), Fd(pair[1])};
}

int keep_gate(int requests, const Home& home, const Options& options) {
  const RealClock clock;
  const Result<> kept = Gate(requests, ways_of(home, options), clock).run();
  if (kept) return 0;
  Log("stopped").add("error", kept.error().text).error();
  return kTemporary;
}

Policy policy_for(const Home& home, const Options& options) {
  Settings settings = read_settings(home.snapshot());
  return {.hostname = std::move(settings.hostname),
          .postmaster = std::move(settings.postmaster),
          .size_max = settings.size_max,
          .limits = options.limits,
          .log = !options.caller,
          .account = options.local ? own_account() : ""};
}

void talk(const Policy& policy, const Client& client, int requests, int closing) {
  GateDoor door(requests);
  const RealClock clock;
  RouteNames names(requests, policy.account);
  Session session(policy, client, door, clock, policy.account.empty() ? nullptr : &names);
  converse(session, {STDIN_FILENO, STDOUT_FILENO, closing}, clock);
}

} // namespace waypost::smtpd
