// othertime: a program and all that it starts see the wall clock set to another time.
//
//   othertime FILE -- COMMAND...
//
// FILE holds a number: so many seconds are added to every reading of CLOCK_REALTIME, from the
// moment at which it is written. No other clock is touched, as when somebody sets a machine's time.
// The machine's own is not set: each reading is changed on its way back from the kernel. For that
// programs are started without the vDSO, so that they ask the kernel. Everything is killed when
// othertime ends; exit status: of COMMAND.
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include <cstring>
#include <ctime>
#include <elf.h>
#include <fcntl.h>
#include <string>
#include <string_view>

#include "tests/crash/garbage.h"
#include "tests/traced.h"

namespace {

volatile sig_atomic_t asked_to_stop = 0;

void remember(int) {
  asked_to_stop = 1;
}

constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                          PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;

long seconds_of(int file) {
  char text[32] = "";
  return pread(file, text, sizeof text - 1, 0) > 0 ? std::strtol(text, nullptr, 10) : 0;
}

template <class T>
void change(const Memory& memory, std::uint64_t address, const T& value) {
  memory.write(address, std::string(reinterpret_cast<const char*>(&value), sizeof value));
}

// A new program's stack: the arguments' number, the arguments, NULL, the environment, NULL, and
// pairs that say what the kernel offers.
void take_vdso_away(pid_t thread) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return;
  const Memory memory(thread);
  std::uint64_t at = registers.rsp;
  at += 8 * (memory.read<std::uint64_t>(at) + 2);
  while (memory.read<std::uint64_t>(at) != 0)
    at += 8;
  for (at += 8; memory.read<std::uint64_t>(at) != AT_NULL; at += 16)
    if (memory.read<std::uint64_t>(at) == AT_SYSINFO_EHDR)
      change(memory, at, std::uint64_t{AT_IGNORE});
}

bool tells_wall_time(const user_regs_struct& call) {
  if (call.orig_rax == SYS_gettimeofday) return true;
  const auto clock = static_cast<clockid_t>(call.rdi);
  return call.orig_rax == SYS_clock_gettime &&
         (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE);
}

// Seconds come first in what both calls fill in.
void at_return(pid_t thread, int file) {
  user_regs_struct call{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &call) != 0) return;
  if (call.orig_rax == SYS_time) { // its result, and nowhere else: nobody of ours gives an address
    call.rax += static_cast<unsigned long long>(seconds_of(file));
    ptrace(PTRACE_SETREGS, thread, nullptr, &call);
    return;
  }
  if (call.rax != 0 || !tells_wall_time(call)) return;
  const Memory memory(thread);
  const std::uint64_t where = call.orig_rax == SYS_gettimeofday ? call.rdi : call.rsi;
  change(memory, where, memory.read<std::int64_t>(where) + seconds_of(file));
}

void at_stop(pid_t thread, int status, int file) {
  const int signal_number = WSTOPSIG(status);
  const int event = status >> 16;
  if (event == PTRACE_EVENT_EXEC) take_vdso_away(thread);
  if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
    ptrace(PTRACE_LISTEN, thread, nullptr, nullptr);
    return;
  }
  const bool at_system_call = signal_number == (SIGTRAP | 0x80);
  if (at_system_call) {
    __ptrace_syscall_info call{};
    const long got = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof call, &call);
    if (got > 0 && call.op == PTRACE_SYSCALL_INFO_EXIT) at_return(thread, file);
  }
  const long deliver = event != 0 || at_system_call ? 0 : signal_number;
  ptrace(PTRACE_SYSCALL, thread, nullptr, deliver);
}

int follow(pid_t root, int file) {
  int exit_status = 0;
  while (asked_to_stop == 0) {
    int status = 0;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) break; // nobody is left
    if (WIFSTOPPED(status)) {
      at_stop(thread, status, file);
    } else if (thread == root) {
      exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
  return exit_status;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::string_view(argv[2]) != "--") {
    std::fputs("usage: othertime FILE -- COMMAND...\n", stderr);
    return 100;
  }
  const int file = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("othertime: FILE");
  struct sigaction stop{};
  stop.sa_handler = remember; // no SA_RESTART: it must end waitpid
  sigaction(SIGTERM, &stop, nullptr);
  return follow(start_traced(argv + 3, kOptions), file);
}
