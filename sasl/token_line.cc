#include "sasl/token_line.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/sys/log.h"

namespace waypost::sasl {
namespace {

// Its socket at 0, the log at 2, and nothing else of ours.
[[noreturn]] void become_runner(const std::string& program, int socket) {
  const int nothing = ::open("/dev/null", O_WRONLY);
  const bool placed = nothing >= 0 && ::dup2(socket, STDIN_FILENO) >= 0 &&
                      ::dup2(nothing, STDOUT_FILENO) >= 0 &&
                      ::close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
  if (placed) ::execl(program.c_str(), "waypost-token", static_cast<char*>(nullptr));
  ::_exit(127);
}

} // namespace

Result<TokenLine> TokenLine::start(const std::string& program) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return fail_errno("socketpair");
  Fd ours(pair[0]);
  const Fd theirs(pair[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child == 0) become_runner(program, theirs.get());
  return TokenLine(std::move(ours));
}

Result<> TokenLine::run(const TokenRun& run) {
  const std::string packet = to_record(run).encode();
  if (packet.size() > kMaxTokenRun) return fail("it is too long");
  // Few are under way, and each is small: it never waits.
  const ssize_t sent =
      ::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(packet.size())) return {};
  return fail_errno("waypost-token");
}

bool TokenLine::receive(Tokens& tokens) const {
  Secret packet(kMaxTokenAnswer);
  ssize_t got = -1;
  do {
    got = ::recv(socket_.get(), packet.data(), packet.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  const Result<TokenAnswer> answer =
      token_answer(view(packet).substr(0, static_cast<std::size_t>(got)));
  if (answer) tokens.take(answer->number, answer->good, answer->text);
  if (!answer) Log("bad_token_answer").add("error", answer.error().text).error();
  return answer.has_value();
}

} // namespace waypost::sasl
