#include "submit/keeper.h"

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/net/channel.h"
#include "lib/net/loop.h"
#include "lib/sys/confine.h"
#include "lib/sys/pipe.h"
#include "lib/sys/privilege.h"
#include "submit/logins.h"

namespace waypost::submit {
namespace {

constexpr int kTrouble = 111;

class Answers final : public ChannelHandler {
public:
  Answers(net::Loop& loop, Fd socket, LoginScope scope, sasl::Secret secret)
      : loop_(loop),
        logins_(std::move(scope), std::move(secret)),
        channel_(loop.uv(), std::move(socket), Fd(), kMaxLoginFrame, *this) {}

  void on_frame(Frame frame) override {
    const Result<LoginQuery> query = login_query(frame.record);
    if (!query) return loop_.stop();
    const std::optional<LoginAnswer> answer = logins_.answer(*query);
    if (answer) channel_.send(to_record(*answer));
  }
  void on_closed(const std::optional<Error>&) override { loop_.stop(); }

private:
  net::Loop& loop_;
  Logins logins_;
  Channel channel_;
};

void say(int fd, std::string_view text) {
  [[maybe_unused]] const ssize_t n = ::write(fd, text.data(), text.size());
}

// The child: `told` gets "+" once the password is there, else why it is not.
[[noreturn]] void keep(const LoginScope& scope, const PasswordSource& source, Fd socket, Fd told) {
  const rlimit none{0, 0};
  if (!forbid_inspection() || ::setrlimit(RLIMIT_CORE, &none) != 0) ::_exit(kTrouble);
  Result<sasl::Secret> secret = read_password(source);
  say(told.get(), secret ? "+" : secret.error().text);
  told.reset();
  if (!secret) ::_exit(kTrouble);
  // The terminal's Ctrl-C is for the other one, which still saves what it has.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (::dup2(nothing.get(), STDIN_FILENO) < 0 || ::dup2(nothing.get(), STDOUT_FILENO) < 0)
    ::_exit(kTrouble);
  const auto kept = static_cast<unsigned>(socket.get()); // nothing else of what it inherited
  if (kept > STDERR_FILENO + 1) ::close_range(STDERR_FILENO + 1, kept - 1, 0);
  ::close_range(kept + 1, ~0U, 0);
  // OpenSSL reads its configuration with the first digest.
  confine({.read = {"/etc/ssl", "/usr/lib/ssl"}}, kTrouble);
  {
    net::Loop loop;
    const Answers answers(loop, std::move(socket), scope, std::move(*secret));
    loop.run();
  }
  ::_exit(0);
}

// All that the child says of the password, up to its end.
Result<> wait_for_password(int told) {
  std::string text;
  char block[512];
  for (;;) {
    const ssize_t got = ::read(told, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  if (text == "+") return {};
  return fail(text.empty() ? "the process that keeps the password has died" : text);
}

} // namespace

Result<Fd> start_keeper(const LoginScope& scope, const PasswordSource& source) {
  int sockets[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return fail_errno("socketpair");
  Fd ours(sockets[0]);
  Fd theirs(sockets[1]);
  Result<Pipe> pipe = open_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child == 0) {
    ours.reset();
    pipe->read.reset();
    keep(scope, source, std::move(theirs), std::move(pipe->write));
  }
  pipe->write.reset();
  const Result<> there = wait_for_password(pipe->read.get());
  if (!there) return std::unexpected(there.error());
  return ours;
}

} // namespace waypost::submit
