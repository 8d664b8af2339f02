#include "start/member.h"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/signals.h"

namespace waypost::start {
namespace {

[[noreturn]] void give_up(std::string_view program, const Error& error) {
  Log("start_failed").add("member", program).add("error", error.text).error();
  ::_exit(127);
}

[[noreturn]] void execute(const std::string& path, const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execve(path.c_str(), arguments.data(), environ);
  give_up(words.front(), fail_errno("execute " + path).error());
}

[[noreturn]] void run_member(const Member& member, const Identity* identity, pid_t group,
                             pid_t parent) {
  default_signals();
  ::setpgid(0, group);
  ::umask(077);
  const std::string path = program_path(member.program);
  if (::chdir("/") != 0) give_up(member.program, fail_errno("chdir /").error());
  if (!place(member.placements)) give_up(member.program, fail_errno("descriptors").error());
  if (identity != nullptr) {
    const Result<> became = become(*identity);
    if (!became) give_up(member.program, became.error());
  }
  const Result<> bound = forbid_new_privileges();
  if (!bound) give_up(member.program, bound.error());
  // After the change of user, which clears it. The lifeline comes first for all who look at it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(127);
  execute(path, {member.program});
}

} // namespace

Result<pid_t> start_member(const Member& member, const Identity* identity, pid_t group) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child == 0) run_member(member, identity, group, parent);
  // On both sides, so that the group is there whoever comes first.
  ::setpgid(child, group);
  return child;
}

Result<pid_t> start_sibling(const Member& member, pid_t group) {
  const pid_t parent = ::getppid();
  const long child = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (child < 0) return fail_errno("clone");
  if (child == 0) run_member(member, nullptr, group, parent);
  return static_cast<pid_t>(child);
}

Result<pid_t> start_plain(const std::vector<std::string>& command) {
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("fork");
  if (child != 0) return child;
  default_signals();
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!place({{STDIN_FILENO, nothing.get()}, {STDOUT_FILENO, STDERR_FILENO}})) ::_exit(127);
  execute(program_path(command.front()), command);
}

} // namespace waypost::start
