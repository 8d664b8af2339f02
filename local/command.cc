#include "local/command.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/pipe.h"
#include "lib/sys/set_id.h"
#include "lib/sys/signals.h"

namespace waypost::local {
namespace {

constexpr std::size_t kMostText = 1'500;
constexpr int kCannotExecute = 127;
constexpr int kQmailDone = 99; // qmail-command(8): delivered, and nothing more to do

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words)
    all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

// A program that runs, and both ends of what we say to each other.
struct Child {
  pid_t pid = -1;
  Fd input;  // ours to write; non-blocking
  Fd output; // ours to read; non-blocking
  Fd ends;   // SIGCHLD

  [[nodiscard]] static Result<Child> start(const Command& command);
};

[[noreturn]] void run(const Command& command, int input, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(kCannotExecute);
  default_signals();
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0)
    ::_exit(kCannotExecute);
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  ::execve(command.words.front().c_str(), pointers(command.words).data(),
           pointers(command.environment).data());
  const std::string why = fail_errno("execute " + command.words.front()).error().text;
  [[maybe_unused]] const ssize_t n = ::write(2, why.data(), why.size());
  ::_exit(kCannotExecute);
}

Result<Child> Child::start(const Command& command) {
  Result<Pipe> in = open_pipe();
  if (!in) return std::unexpected(in.error());
  Result<Pipe> out = open_pipe();
  if (!out) return std::unexpected(out.error());
  Result<Fd> ends = hear_signals({SIGCHLD});
  if (!ends) return std::unexpected(ends.error());
  Child child;
  child.ends = std::move(*ends);
  child.input = std::move(in->write);
  child.output = std::move(out->read);
  const pid_t parent = ::getpid();
  child.pid = ::fork();
  if (child.pid < 0) return fail_errno("fork");
  if (child.pid == 0) run(command, in->read.get(), out->write.get(), parent);
  ::fcntl(child.input.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(child.output.get(), F_SETFL, O_NONBLOCK);
  return child;
}

// The dialogue with the program: the message one way, its words the other, at the same time.
class Feed {
public:
  Feed(const Clock& clock, Child& child, const LocalEnvelope& envelope, Letter& letter,
       BootMs until)
      : clock_(clock),
        child_(child),
        letter_(letter),
        until_(until),
        waiting_(trace_lines(envelope, "\n")) {}

  // Until the program has ended, whoever else holds its output then, and whether it closed that
  // long before: its status. An error: the message did not come whole, or the time is up.
  Result<int> run() {
    for (;;) {
      if (child_.input.valid()) {
        const Result<> fed = feed();
        if (!fed) return std::unexpected(fed.error());
      }
      const BootMs left = until_ - clock_.boot_ms();
      if (left <= 0) return fail("the program's time is up");
      pollfd all[3] = {{child_.ends.get(), POLLIN, 0},
                       {child_.output.get(), POLLIN, 0},
                       {child_.input.get(), POLLOUT, 0}};
      ::poll(all, 3, static_cast<int>(std::min<BootMs>(left, 60'000)));
      listen();
      const std::optional<int> status = all[0].revents != 0 ? ended() : std::nullopt;
      if (!status) continue;
      while (listen()) {
      }
      return *status;
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }

private:
  // Writes what the pipe takes; at the message's end it is closed.
  Result<> feed() {
    for (;;) {
      if (waiting_.empty()) {
        const Result<std::string_view> piece = letter_.next();
        if (!piece) return std::unexpected(piece.error());
        if (piece->empty()) {
          child_.input.reset();
          return {};
        }
        waiting_ = lines_.take(*piece);
      }
      const ssize_t n = ::write(child_.input.get(), waiting_.data(), waiting_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return {};
      if (n < 0) { // it wants no more: its exit status says what that means
        child_.input.reset();
        return {};
      }
      waiting_.erase(0, static_cast<std::size_t>(n));
    }
  }

  // False: there is nothing more to hear now, or enough was heard.
  bool listen() {
    if (!child_.output.valid()) return false;
    char bytes[2048];
    const ssize_t n = ::read(child_.output.get(), bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n <= 0) {
      child_.output.reset();
      return false;
    }
    text_.append(bytes, std::min(kMostText - text_.size(), static_cast<std::size_t>(n)));
    return text_.size() < kMostText;
  }

  // None: it was only stopped.
  std::optional<int> ended() {
    signalfd_siginfo info{};
    while (::read(child_.ends.get(), &info, sizeof info) == sizeof info) {
    }
    int status = 0;
    if (::waitpid(child_.pid, &status, WNOHANG) != child_.pid) return std::nullopt;
    return status;
  }

  const Clock& clock_;
  Child& child_;
  Letter& letter_;
  BootMs until_;
  std::string waiting_;
  UnixLines lines_;
  std::string text_;
};

// Who reads why it failed shall know what it may have missed.
std::string without_rights(const std::string& program) {
  const std::string bits = set_id_bits(program);
  if (bits.empty()) return {};
  return " (" + program + " is " + bits +
         ", which has no effect here: it has its user's rights alone)";
}

Verdict verdict_of(int status, std::string text, const std::string& program) {
  if (WIFSIGNALED(status))
    return again("the program was ended by signal " + std::to_string(WTERMSIG(status)) +
                 (text.empty() ? "" : ": " + text));
  const int exit = WEXITSTATUS(status);
  if (exit == EX_OK || exit == kQmailDone) return {exit, std::move(text)};
  const std::string missed = without_rights(program);
  if (!missed.empty() && text.ends_with('\n')) text.pop_back();
  return {exit, text + missed};
}

} // namespace

Verdict deliver_to_command(const Clock& clock, const Command& command,
                           const LocalEnvelope& envelope, Letter& letter) {
  ::signal(SIGPIPE, SIG_IGN);
  Result<Child> child = Child::start(command);
  if (!child) return again(child.error());
  Feed feed(clock, *child, envelope, letter, clock.boot_ms() + command.limit_ms);
  const Result<int> status = feed.run();
  if (status) return verdict_of(*status, feed.text(), command.words.front());
  // Before its input is closed: it must not take this for the message's end.
  ::kill(child->pid, SIGKILL);
  ::waitpid(child->pid, nullptr, 0);
  return again(status.error());
}

} // namespace waypost::local
