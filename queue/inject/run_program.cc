#include "queue/inject/run_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "lib/sys/wait_for.h"

namespace waypost::queue {
namespace {

std::vector<char*> arguments_of(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// As in queue_pipe.cc: between vfork and exec the child runs on our stack, and only calls.
// NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)
pid_t spawn(const char* program, char* const* arguments, int nothing, Output output,
            volatile int& exec_error) {
  const pid_t child = ::vfork();
  if (child == 0) {
    bool placed = ::dup2(nothing, STDIN_FILENO) >= 0;
    if (placed && output != Output::shown) placed = ::dup2(nothing, STDOUT_FILENO) >= 0;
    if (placed && output == Output::none) placed = ::dup2(nothing, STDERR_FILENO) >= 0;
    if (placed) ::execve(program, arguments, environ);
    exec_error = errno;
    ::_exit(127);
  }
  return child;
}
// NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)

} // namespace

Result<int> run_program(const std::vector<std::string>& command, Output output) {
  const std::string path = program_path(command.front());
  const std::vector<char*> arguments = arguments_of(command);
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return fail_errno("open /dev/null");
  volatile int exec_error = 0;
  const pid_t child = spawn(path.c_str(), arguments.data(), nothing.get(), output, exec_error);
  if (child < 0) return fail_errno("vfork");
  const Result<int> status = wait_for(child);
  if (exec_error != 0) return fail_errno("execute " + path, exec_error);
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : 255;
}

Error become_program(const std::vector<std::string>& command) {
  const std::string path = program_path(command.front());
  ::execve(path.c_str(), arguments_of(command).data(), environ);
  return fail_errno("execute " + path).error();
}

} // namespace waypost::queue
