#include "smtpd/gate_program.h"

#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace waypost::smtpd {
namespace {

// What the gate does with signals is not the program's business.
void settle_signals() {
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &usual, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Between vfork and exec the child runs on our stack: system calls alone, and no return.
// NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)
pid_t start(const char* program, const Request& request) {
  const char* const slash = std::strrchr(program, '/');
  char* const arguments[] = {const_cast<char*>(slash == nullptr ? program : slash + 1), nullptr};
  const pid_t child = ::vfork();
  if (child == 0) {
    settle_signals();
    if (::dup2(request.first(), STDIN_FILENO) >= 0 && ::dup2(request.second(), STDOUT_FILENO) >= 0)
      ::execve(program, arguments, environ);
    ::_exit(kInternal);
  }
  return child;
}
// NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)

} // namespace

GateProgram::GateProgram(const std::string& program, Request request)
    : request_(std::move(request)),
      pid_(start(program.c_str(), request_)) {
  request_.close_pipes(); // they have one reader now: when it ends early, writing stops
}

bool GateProgram::ended() {
  int status = 0;
  const pid_t gone = pid_ < 0 ? pid_ : ::waitpid(pid_, &status, WNOHANG);
  if (gone == 0 || (gone < 0 && errno == EINTR)) return false;
  request_.answer(gone > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : kInternal);
  return true;
}

} // namespace waypost::smtpd
