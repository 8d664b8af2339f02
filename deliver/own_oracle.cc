#include "deliver/own_oracle.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "lib/sys/pipe.h"

namespace waypost::deliver {
namespace {

[[noreturn]] void become_oracle(const std::string& program, const std::optional<Identity>& user,
                                int scopes, int lifeline) {
  // Out of the way of the numbers that they are to have.
  const int socket = ::fcntl(scopes, F_DUPFD_CLOEXEC, 10);
  const int pipe = ::fcntl(lifeline, F_DUPFD_CLOEXEC, 10);
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const bool placed = socket >= 0 && pipe >= 0 && nothing >= 0 &&
                      ::dup2(nothing, STDOUT_FILENO) >= 0 && ::dup2(socket, wiring::kScopes) >= 0 &&
                      ::dup2(pipe, wiring::kLifeline) >= 0 &&
                      ::close_range(wiring::kLifeline + 1, ~0U, 0) == 0;
  const bool became = placed && (!user || become(*user)) && forbid_new_privileges();
  if (became) ::execl(program.c_str(), "waypost-sasl", static_cast<char*>(nullptr));
  Log("start_failed")
      .add("program", program)
      .add("error", fail_errno("start").error().text)
      .error();
  ::_exit(127);
}

} // namespace

Result<OwnOracle> OwnOracle::start(const std::optional<Identity>& user) {
  const std::string program = program_path("waypost-sasl");
  int sockets[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return fail_errno("socketpair");
  Fd ours(sockets[0]);
  const Fd theirs(sockets[1]);
  Result<Pipe> lifeline = open_pipe();
  if (!lifeline) return std::unexpected(lifeline.error());
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child == 0) become_oracle(program, user, theirs.get(), lifeline->read.get());
  return OwnOracle(std::move(ours), std::move(lifeline->write));
}

Result<Identity> system_user(const char* name) {
  const passwd* const entry = ::getpwnam(name);
  if (entry == nullptr)
    return fail(std::string("user ") + name + " does not exist: run `make install-system`");
  return Identity{entry->pw_uid, entry->pw_gid, {}};
}

Result<OwnOracle> OwnOracle::start_for(const Home& home) {
  if (home.personal) return start(std::nullopt);
  if (::geteuid() != 0) return fail("must be root; for a queue of your own set WAYPOST_HOME");
  const Result<Identity> user = system_user("waysasl");
  if (!user) return std::unexpected(user.error());
  return start(*user);
}

} // namespace waypost::deliver
