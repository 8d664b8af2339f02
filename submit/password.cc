#include "submit/password.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/clock.h"
#include "lib/sys/fd.h"
#include "lib/sys/pipe.h"
#include "lib/sys/text.h"
#include "lib/sys/wait_for.h"

namespace waypost::submit {
namespace {

using sasl::Secret;

constexpr std::size_t kMost = 8192;

// Its first line.
Result<Secret> line_of(const Secret& bytes, const std::string& where) {
  const std::string_view text = view(bytes);
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return fail(where + ": its first line is empty, where the password should be");
  if (line.find('\0') != std::string_view::npos) return fail(where + ": it holds a NUL");
  return sasl::secret_of(line);
}

// Up to the end, or to as much as a password may have; true at the end.
Result<bool> read_more(int fd, Secret& bytes, std::size_t& size) {
  const ssize_t got = ::read(fd, bytes.data() + size, bytes.size() - size);
  if (got < 0 && errno == EINTR) return false;
  if (got < 0) return fail_errno("read");
  size += static_cast<std::size_t>(got);
  return got == 0 || size == bytes.size();
}

Result<Secret> from_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return fail_errno(path);
  const bool own = status.st_uid == ::geteuid() || status.st_uid == 0;
  if (!S_ISREG(status.st_mode)) return fail(path + ": it is no file");
  if (!own) return fail(path + ": it belongs to somebody else; make it yours");
  if ((status.st_mode & 077) != 0)
    return fail(path + ": others than its owner can read it; chmod 600 " + path);
  Secret bytes(kMost);
  std::size_t size = 0;
  for (bool ended = false; !ended;) {
    const Result<bool> more = read_more(file.get(), bytes, size);
    if (!more) return std::unexpected(more.error());
    ended = *more;
  }
  bytes.resize(size);
  return line_of(bytes, path);
}

[[noreturn]] void become_command(const std::vector<std::string>& words, int out) {
  ::signal(SIGPIPE, SIG_DFL);
  std::vector<char*> pointers;
  for (const std::string& word : words)
    pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY); // descriptor 0 is the message's
  const bool placed = nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
                      ::dup2(out, STDOUT_FILENO) >= 0 &&
                      ::close_range(STDERR_FILENO + 1, ~0U, 0) == 0;
  if (placed) ::execvp(pointers.front(), pointers.data());
  ::_exit(127);
}

// What the command printed; nothing when it took too long.
Result<Secret> read_output(int out, const std::string& what) {
  const RealClock clock;
  const BootMs until = clock.boot_ms() + BootMs{kPasswordSeconds} * 1000;
  Secret bytes(kMost);
  std::size_t size = 0;
  for (bool ended = false; !ended;) {
    const BootMs left = std::max<BootMs>(until - clock.boot_ms(), 0);
    pollfd pipe{out, POLLIN, 0};
    const int ready = ::poll(&pipe, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0)
      return fail(what + " took longer than " + std::to_string(kPasswordSeconds) + " s");
    const Result<bool> more = read_more(out, bytes, size);
    if (!more) return std::unexpected(more.error());
    ended = *more;
  }
  bytes.resize(size);
  return bytes;
}

Result<Secret> from_command(const std::vector<std::string>& words) {
  const std::string what = "password_command " + printable(words.front());
  Result<Pipe> pipe = open_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  ::signal(SIGCHLD, SIG_DFL);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child == 0) become_command(words, pipe->write.get());
  pipe->write.reset();
  const Result<Secret> printed = read_output(pipe->read.get(), what);
  pipe->read.reset();
  if (!printed) ::kill(child, SIGKILL);
  const Result<int> ended = wait_for(child);
  if (!printed) return printed;
  if (!ended) return fail(what + ": " + ended.error().text);
  const int status = *ended;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return fail(what + ": it could not be run; is it there, and executable?");
  if (WIFSIGNALED(status))
    return fail(what + " was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return fail(what + " ended with status " + std::to_string(WEXITSTATUS(status)));
  return line_of(*printed, what);
}

} // namespace

Result<Secret> read_password(const PasswordSource& source) {
  if (source.command.empty() && source.file.empty()) return Secret(); // a certificate shows us
  return source.command.empty() ? from_file(source.file) : from_command(source.command);
}

} // namespace waypost::submit
