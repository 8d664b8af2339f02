#include "local/launch.h"

#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/sys/pipe.h"

namespace waypost::local {
namespace {

// Said where waypost-local itself would have said it.
[[noreturn]] void give_up(const Error& error) {
  [[maybe_unused]] const ssize_t n = ::write(STDOUT_FILENO, error.text.data(), error.text.size());
  ::_exit(EX_TEMPFAIL);
}

void default_signals() {
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// What a program of a user's may take of the machine.
void set_limits() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const rlimit files{256, 1024};
  ::setrlimit(RLIMIT_NOFILE, &files);
  const rlimit seconds{600, 600};
  ::setrlimit(RLIMIT_CPU, &seconds);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (const std::string& word : words)
    all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

[[noreturn]] void run(const DeliveryPlan& plan, const std::string& program, int message, int output,
                      pid_t parent) {
  ::setsid();
  default_signals();
  if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) ::_exit(EX_TEMPFAIL);
  if (::dup2(message, STDIN_FILENO) < 0) give_up(fail_errno("descriptors").error());
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) give_up(fail_errno("close_range").error());
  set_limits();
  ::umask(077);
  if (plan.identity) {
    const Result<> became = become(*plan.identity);
    if (!became) give_up(became.error());
  }
  // After the change of user, which clears it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(EX_TEMPFAIL);
  if (::chdir(plan.home.c_str()) != 0 && ::chdir("/") != 0) give_up(fail_errno("chdir").error());
  ::execve(program.c_str(), pointers(plan.arguments).data(), pointers(plan.environment).data());
  give_up(fail_errno("execute " + program).error());
}

} // namespace

Result<Launched> launch(const DeliveryPlan& plan, const std::string& program, Fd message) {
  Result<Pipe> pipe = open_pipe(O_NONBLOCK);
  if (!pipe) return std::unexpected(pipe.error());
  Launched launched;
  launched.output = std::move(pipe->read);
  const Fd output = std::move(pipe->write);
  ::fcntl(output.get(), F_SETFL, 0); // the program's end blocks, as programs expect
  const pid_t parent = ::getpid();
  launched.pid = ::fork();
  if (launched.pid < 0) return fail_errno("fork");
  if (launched.pid == 0) run(plan, program, message.get(), output.get(), parent);
  return launched;
}

Result<> keep_launching_capabilities() {
  constexpr std::uint32_t kept = (1U << CAP_SETUID) | (1U << CAP_SETGID) | (1U << CAP_KILL);
  for (int one = 0; one < 64; ++one) {
    const bool keep = one < 32 && (kept & (1U << one)) != 0;
    // EINVAL: the kernel knows no more.
    if (!keep && ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0 && errno != EINVAL)
      return fail_errno("drop a capability");
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
  if (::syscall(SYS_capset, &header, data) != 0) return fail_errno("capset");
  return {};
}

} // namespace waypost::local
