#include "smtpd/one_connection.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "lib/sys/wait_for.h"

namespace waypost::smtpd {
namespace {

bool same_file(int one, int other) {
  struct stat a{};
  struct stat b{};
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

// RFC 5321 3.8: 421 says that nothing more is to be had here.
[[noreturn]] void turn_away(const Policy& policy, std::string why) {
  const std::string line = "421 4.3.5 " + policy.hostname + " is not set up to take mail\r\n";
  [[maybe_unused]] const ssize_t n = ::write(STDOUT_FILENO, line.data(), line.size());
  leave(kPermanent, {0, std::move(why)});
}

int status_of(pid_t child) {
  const Result<int> status = wait_for(child);
  if (!status) return kTemporary;
  if (WIFEXITED(*status)) return WEXITSTATUS(*status);
  Log("broke_off").add("signal", WTERMSIG(*status)).error();
  return kTemporary;
}

} // namespace

int serve_one(const Home& home, const Options& options) {
  const Policy policy = policy_for(home, options);
  const Client client = find_client(STDIN_FILENO, options.caller);
  // inetd gives the connection as standard error as well: our log is not for the client.
  if (client.network && same_file(STDIN_FILENO, STDERR_FILENO)) silence(STDERR_FILENO);
  if (client.network && ::geteuid() == 0 && !home.personal)
    turn_away(policy, "root must not serve the network: run it as waysmtpd");
  Pair pair = make_pair();
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) leave(kTemporary, fail_errno("fork").error());
  if (child == 0) {
    pair.gate.reset();
    end_with(self);
    confine({}, kTemporary);
    talk(policy, client, pair.talker.get());
    ::_exit(0);
  }
  pair.talker.reset();
  silence(STDIN_FILENO); // the connection ends when the other half closes it
  silence(STDOUT_FILENO);
  const int status = keep_gate(pair.gate.get(), home, options);
  pair.gate.reset();
  return status == 0 ? status_of(child) : status;
}

} // namespace waypost::smtpd
