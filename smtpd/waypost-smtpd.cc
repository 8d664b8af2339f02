// waypost-smtpd: takes mail by SMTP, one connection on standard input and output. waypost-smtpd(8).
//
// Privilege: waysmtpd where it is a service, its caller under sendmail -bs; never root's, unless
// root calls. Clients are hostile. Who talks with them has nothing but descriptors: no file, no
// program, no socket to make. Its parent executes waypost-queue, and reads a byte a message.

#include <csignal>
#include <fcntl.h>
#include <new>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mail/snapshot.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "smtpd/dialogue.h"
#include "smtpd/gate.h"
#include "smtpd/options.h"

namespace {

using namespace waypost;
using namespace waypost::smtpd;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;

void set_signal(int number, void (*action)(int)) {
  struct sigaction to{};
  to.sa_handler = action;
  ::sigaction(number, &to, nullptr);
}

[[noreturn]] void leave(int status, const Error& why) {
  Log("stopped").add("error", why.text).error();
  ::_exit(status);
}

bool same_file(int one, int other) {
  struct stat a{};
  struct stat b{};
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

void silence(int fd) {
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.get(), fd) < 0) ::_exit(kTemporary);
}

// RFC 5321 3.8: 421 says that nothing more is to be had here.
[[noreturn]] void turn_away(const Policy& policy, std::string why) {
  const std::string line = "421 4.3.5 " + policy.hostname + " is not set up to take mail\r\n";
  [[maybe_unused]] const ssize_t n = ::write(STDOUT_FILENO, line.data(), line.size());
  leave(kPermanent, {0, std::move(why)});
}

Policy policy_of(const Settings& settings, const Options& options) {
  return {.hostname = settings.hostname,
          .postmaster = settings.postmaster,
          .size_max = settings.size_max,
          .limits = options.limits,
          .log = !options.caller};
}

// The half that talks. The other one is its parent, and it does not outlive that.
[[noreturn]] void talk(const Policy& policy, const Client& client, Fd requests, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kTemporary);
  set_signal(SIGPIPE, SIG_IGN);
  confine({}, kTemporary);
  GateDoor door(std::move(requests));
  const RealClock clock;
  Session session(policy, client, door, clock);
  converse(session, {STDIN_FILENO, STDOUT_FILENO}, clock);
  ::_exit(0);
}

int status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return kTemporary;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  Log("broke_off").add("signal", WTERMSIG(status)).error();
  return kTemporary;
}

int serve(const Options& options) {
  const Home home = find_home();
  const Policy policy = policy_of(read_settings(home.snapshot()), options);
  const Client client = find_client(STDIN_FILENO, options.caller);
  if (client.network && ::geteuid() == 0 && !home.personal)
    turn_away(policy, "root must not serve the network: run it as waysmtpd");
  // inetd gives the connection as standard error as well: our log is not for the client.
  if (client.network && same_file(STDIN_FILENO, STDERR_FILENO)) silence(STDERR_FILENO);
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    leave(kTemporary, fail_errno("socketpair").error());
  Fd talker(pair[0]);
  Fd gate(pair[1]);
  const std::string program = options.queue.empty() ? program_path("waypost-queue") : options.queue;
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) leave(kTemporary, fail_errno("fork").error());
  if (child == 0) {
    gate.reset();
    talk(policy, client, std::move(talker), self);
  }
  talker.reset();
  silence(STDIN_FILENO); // the connection ends when the other half closes it
  silence(STDOUT_FILENO);
  keep_gate(gate.get(), program);
  gate.reset();
  return status_of(child);
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-smtpd");
  std::set_new_handler([] { ::_exit(kTemporary); });
  const std::span<const char* const> all(values, static_cast<std::size_t>(count));
  const auto fds = open_standard_fds();
  if (!fds) leave(kTemporary, fds.error());
  if (!fds->in || !fds->out) leave(kPermanent, {0, "standard input or output is closed"});
  const Result<Options> options = parse_options(all.subspan(all.empty() ? 0 : 1));
  if (!options) leave(kPermanent, options.error());
  set_signal(SIGCHLD, SIG_DFL); // the caller may have ignored it
  ::_exit(serve(*options));
}
