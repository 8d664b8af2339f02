// A program that is traced from before its first instruction, for the tools that stop or bend the
// system calls of a tested program.
#pragma once

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

// Says why on standard error, and ends the tool. `where` begins with the tool's name.
[[noreturn]] inline void fail(const char* where) {
  std::perror(where);
  std::exit(111);
}

// Starts COMMAND under ptrace with these options; it is stopped until it is seized, and runs when
// this returns. `before_exec` runs in the child. When the tool dies the child dies with it.
inline pid_t start_traced(char** command, long options, void (*before_exec)() = nullptr) {
  const pid_t child = fork();
  if (child < 0) fail("traced: fork");
  if (child == 0) {
    raise(SIGSTOP); // until the parent has hold of us
    if (before_exec != nullptr) before_exec();
    execvp(command[0], command);
    fail(command[0]);
  }
  int status = 0;
  if (waitpid(child, &status, WUNTRACED) != child) fail("traced: wait");
  if (ptrace(PTRACE_SEIZE, child, nullptr, options | PTRACE_O_EXITKILL) != 0) {
    const int reason = errno;
    kill(child, SIGKILL);
    errno = reason;
    fail("traced: seize");
  }
  kill(child, SIGCONT);
  return child;
}
