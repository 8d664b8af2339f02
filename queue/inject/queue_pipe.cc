#include "queue/inject/queue_pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/wait_for.h"
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

// True of waypost-queue alone: nobody but the installation makes a program set-group-id.
bool ends_as_sendmail(const std::string& program) {
  struct stat found{};
  return ::stat(program.c_str(), &found) == 0 && (found.st_mode & S_ISGID) != 0;
}

Result<> set_flags(const Fd& end, int flags) {
  if (::fcntl(end.get(), F_SETFL, flags) < 0) return fail_errno("fcntl on a pipe");
  return {};
}

} // namespace

Result<QueuePipe> QueuePipe::start(const std::string& program) {
  QueuePipe queue(program);
  Result<> done = queue.open();
  if (done) done = queue.start_child();
  if (!done) return std::unexpected(done.error());
  return queue;
}

Result<QueuePipe> QueuePipe::fill(const std::string& program) {
  if (!ends_as_sendmail(program)) return start(program);
  QueuePipe queue(program);
  Result<> done = queue.open();
  if (done) done = set_flags(queue.message_.write, O_NONBLOCK);
  if (done) done = set_flags(queue.envelope_.write, O_NONBLOCK);
  if (!done) return std::unexpected(done.error());
  return queue;
}

Result<> QueuePipe::open() {
  Result<Pipe> message = open_pipe();
  if (!message) return std::unexpected(message.error());
  Result<Pipe> envelope = open_pipe();
  if (!envelope) return std::unexpected(envelope.error());
  message_ = std::move(*message);
  envelope_ = std::move(*envelope);
  return {};
}

Result<> QueuePipe::start_child() {
  volatile int exec_error = 0;
  child_ = spawn(program_.c_str(), message_.read.get(), envelope_.read.get(), exec_error);
  if (child_ < 0) return fail_errno("vfork");
  if (exec_error == 0) {
    message_.read.reset();
    envelope_.read.reset();
    return {};
  }
  abandon();
  return fail_errno("execute " + program_, exec_error);
}

// Whoever fills a pipe to its brim needs somebody who reads it.
Result<> QueuePipe::drain() {
  Result<> done;
  if (message_.write) done = set_flags(message_.write, 0);
  if (done) done = set_flags(envelope_.write, 0);
  if (done) done = start_child();
  return done;
}

void QueuePipe::write(Fd& to, std::string_view bytes) {
  while (to && !bytes.empty()) {
    const ssize_t n = ::write(to.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && child_ < 0 && drain()) continue;
    // EPIPE: the child has ended, and its exit status says why. Else the kernel has no memory, and
    // the child takes the end of the pipe for the end of the message.
    if (n < 0) return close_writing_ends();
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void QueuePipe::close_writing_ends() {
  envelope_.write.reset();
  message_.write.reset();
}

void QueuePipe::become(const std::string& speaker) {
  if (child_ >= 0 || !envelope_.write) return;
  char* const arguments[] = {const_cast<char*>("waypost-queue"), const_cast<char*>("--for"),
                             const_cast<char*>(speaker.c_str()), nullptr};
  const bool placed = ::dup2(message_.read.get(), STDIN_FILENO) >= 0 &&
                      ::dup2(envelope_.read.get(), STDOUT_FILENO) >= 0;
  if (placed) ::execve(program_.c_str(), arguments, environ);
}

Result<int> QueuePipe::finish() {
  if (child_ < 0) {
    const Result<> started = start_child();
    if (!started) return std::unexpected(started.error());
  }
  close_writing_ends();
  return wait();
}

void QueuePipe::abandon() {
  close_writing_ends();
  if (child_ >= 0) static_cast<void>(wait());
}

int QueuePipe::wait() {
  const Result<int> status = wait_for(std::exchange(child_, -1));
  const bool told = status && WIFEXITED(*status);
  return told ? WEXITSTATUS(*status) : static_cast<int>(QueueExit::internal);
}

} // namespace waypost::queue
