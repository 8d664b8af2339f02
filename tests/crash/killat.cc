// killat: stops the life of a process at its Nth system call.
//
//   killat [-s] N -- COMMAND...     counts the calls of COMMAND, from the first after its exec
//   killat N -p PID                 counts the calls of PID (all its threads) from now on
//
// Before call N begins the process gets SIGKILL, or with -s SIGSTOP (then it waits for SIGCONT, no
// longer traced). Killing before call N+1 is killing after call N, so counting N up visits every
// state that a kill can leave. Standard error (0 and 1 may belong to COMMAND), a line each:
//   killat: ready                           (with -p) counting has begun
//   killat: killed call=N number=NR named=B
//   killat: stopped call=N pid=PID named=B
//                NR: the call that was not made any more; B: 1 when a link or rename of this
//                process has succeeded before
//   killat: ended calls=N status=S          by itself, or after it was stopped and continued
//   killat: let-go calls=N                  killat got SIGTERM
// Children of the process are not traced.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <set>
#include <string>
#include <string_view>
#include <unistd.h>

#include "tests/traced.h"

namespace {

struct Watch {
  long last = 0; // the call that does not happen any more
  int signal_number = SIGKILL;
  pid_t process = 0;
  long calls = 0;
  bool named = false;
  std::set<pid_t> inside; // threads between the entry and the exit of a call
};

volatile sig_atomic_t asked_to_stop = 0;

void remember(int) {
  asked_to_stop = 1;
}

long number(const char* text) {
  long value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stop != end || value < 1) {
    std::fprintf(stderr, "killat: not a number: %s\n", text);
    std::exit(100);
  }
  return value;
}

bool names_a_file(unsigned long long call) {
  return call == SYS_link || call == SYS_linkat || call == SYS_rename || call == SYS_renameat ||
         call == SYS_renameat2;
}

constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE;

// A thread that sleeps in a call must be woken once, else its next entry would not be seen.
void seize_threads(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process) + "/task";
  DIR* const tasks = opendir(folder.c_str());
  if (tasks == nullptr) fail("killat: process");
  while (const dirent* const entry = readdir(tasks)) {
    if (entry->d_name[0] == '.') continue;
    const pid_t thread = static_cast<pid_t>(number(entry->d_name));
    if (ptrace(PTRACE_SEIZE, thread, nullptr, options) != 0) fail("killat: seize");
    ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
  }
  closedir(tasks);
}

void report_signal(const char* what, const char* key, long long value, const Watch& watch) {
  std::fprintf(stderr, "killat: %s call=%ld %s=%lld named=%d\n", what, watch.last, key, value,
               watch.named ? 1 : 0);
}

void report_end(const Watch& watch, int status) {
  std::fprintf(stderr, "killat: ended calls=%ld status=%d\n", watch.calls,
               WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// True: call N is the next one, and the signal was sent. SIGKILL goes out at the entry of call N,
// which the kernel then leaves out; SIGSTOP at the exit of the call before it, because a stop at an
// entry takes effect only behind the call.
bool at_call(Watch& watch, pid_t thread) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return false;
  const bool stopping = watch.signal_number == SIGSTOP;
  if (watch.inside.erase(thread) == 1) {
    if (names_a_file(registers.orig_rax) && registers.rax == 0) watch.named = true;
    if (!stopping || watch.calls + 1 < watch.last) return false;
    kill(watch.process, SIGSTOP);
    ptrace(PTRACE_DETACH, thread, nullptr, 0L);
    report_signal("stopped", "pid", watch.process, watch);
    return true;
  }
  watch.inside.insert(thread);
  if (++watch.calls < watch.last || stopping) return false;
  kill(watch.process, SIGKILL);
  report_signal("killed", "number", static_cast<long long>(registers.orig_rax), watch);
  return true;
}

void resume(Watch& watch, pid_t thread, int status, bool counting) {
  const int signal_number = WSTOPSIG(status);
  const int event = status >> 16;
  const bool of_tracing = event != 0 || signal_number == (SIGTRAP | 0x80);
  const long deliver = of_tracing ? 0 : signal_number;
  if (event == PTRACE_EVENT_EXEC) watch.inside.insert(thread); // the exit of exec comes next
  ptrace(counting ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, deliver);
}

// The process has got its signal: wait for its end, so that the caller finds it gone.
int await_end(const Watch& watch) {
  while (true) {
    int status = 0;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) return 0;
    if (WIFSTOPPED(status)) {
      ptrace(PTRACE_CONT, thread, nullptr, 0L);
    } else if (thread == watch.process && watch.signal_number == SIGSTOP) {
      report_end(watch, status);
    }
  }
}

int follow(Watch& watch, bool counting) {
  while (true) {
    int status = 0;
    const pid_t thread = asked_to_stop != 0 ? -1 : waitpid(-1, &status, __WALL);
    if (asked_to_stop != 0) {
      std::fprintf(stderr, "killat: let-go calls=%ld\n", watch.calls);
      return 0; // the kernel detaches what we traced
    }
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) return 0;
    if (!WIFSTOPPED(status)) {
      if (thread != watch.process) continue;
      report_end(watch, status);
      return 0;
    }
    if (status >> 16 == PTRACE_EVENT_EXEC) counting = true;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80) && counting && at_call(watch, thread)) {
      return await_end(watch);
    }
    resume(watch, thread, status, counting);
  }
}

} // namespace

int main(int argc, char** argv) {
  Watch watch;
  int next = 1;
  if (next < argc && std::string_view(argv[next]) == "-s") {
    watch.signal_number = SIGSTOP;
    next++;
  }
  if (argc - next < 3) {
    std::fputs("usage: killat [-s] N -- COMMAND... | killat N -p PID\n", stderr);
    return 100;
  }
  watch.last = number(argv[next]);
  struct sigaction stop{};
  stop.sa_handler = remember; // no SA_RESTART: it must end waitpid
  sigaction(SIGTERM, &stop, nullptr);
  if (std::string_view(argv[next + 1]) == "-p") {
    watch.process = static_cast<pid_t>(number(argv[next + 2]));
    seize_threads(watch.process);
    std::fputs("killat: ready\n", stderr);
    return follow(watch, true);
  }
  watch.process = start_traced(argv + next + 2, options | PTRACE_O_TRACEEXEC);
  return follow(watch, false);
}
