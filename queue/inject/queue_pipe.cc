#include "queue/inject/queue_pipe.h"

#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/pipe.h"
#include "queue/accept/queue_exit.h"

namespace waypost::queue {
namespace {

// Between vfork and exec the child runs on our stack: system calls alone, and no return. Linux
// allows them (vfork(2)), and posix_spawn costs a mapping and a dozen calls more for each message.
// NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)
pid_t spawn(const char* program, int message, int envelope, volatile int& exec_error) {
  char* const arguments[] = {const_cast<char*>("waypost-queue"), nullptr};
  const pid_t child = ::vfork();
  if (child == 0) {
    if (::dup2(message, STDIN_FILENO) >= 0 && ::dup2(envelope, STDOUT_FILENO) >= 0)
      ::execve(program, arguments, environ);
    exec_error = errno;
    ::_exit(static_cast<int>(QueueExit::internal));
  }
  return child;
}
// NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)

} // namespace

Result<QueuePipe> QueuePipe::start(const std::string& program) {
  Result<Pipe> message = open_pipe();
  if (!message) return std::unexpected(message.error());
  Result<Pipe> envelope = open_pipe();
  if (!envelope) return std::unexpected(envelope.error());
  volatile int exec_error = 0;
  QueuePipe started;
  started.child_ = spawn(program.c_str(), message->read.get(), envelope->read.get(), exec_error);
  if (started.child_ < 0) return fail_errno("vfork");
  started.message_ = std::move(message->write);
  started.envelope_ = std::move(envelope->write);
  if (exec_error == 0) return started;
  [[maybe_unused]] const int status = started.finish();
  return fail_errno("execute " + program, exec_error);
}

void QueuePipe::write(Fd& to, std::string_view bytes) {
  while (to && !bytes.empty()) {
    const ssize_t n = ::write(to.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    // EPIPE: the child has ended, and its exit status says why. Else the kernel has no memory, and
    // the child takes the end of the pipe for the end of the message.
    if (n < 0) {
      envelope_.reset();
      message_.reset();
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

int QueuePipe::finish() {
  message_.reset();
  envelope_.reset();
  int status = 0;
  pid_t ended = ::waitpid(child_, &status, 0);
  while (ended < 0 && errno == EINTR)
    ended = ::waitpid(child_, &status, 0);
  const bool known = ended == child_ && WIFEXITED(status);
  return known ? WEXITSTATUS(status) : static_cast<int>(QueueExit::internal);
}

} // namespace waypost::queue
