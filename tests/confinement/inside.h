// Inside: makes system calls in the place of a running process, as gdb calls functions.
//
// The process is stopped wherever it sleeps, its next instruction is set to the `syscall` that it
// sleeps in, and the registers to another call. So the call has the process's user, descriptors,
// filters and domain, because it is that process's call. When the object goes, the process sleeps
// on as before. x86_64 only. The caller must be root.
#pragma once

#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

class Inside {
public:
  explicit Inside(pid_t process) : process_(process) {
    seize();
    for (int tries = 0; !at_system_call(); ++tries) {
      if (tries == kMostTries) give_up("the process does not sleep");
      ptrace(PTRACE_CONT, process_, nullptr, 0L);
      usleep(20'000);
      ptrace(PTRACE_INTERRUPT, process_, nullptr, nullptr);
      wait_for_stop();
    }
    free_ = (saved_.rsp - kRedZone - kScratch) & ~15ULL;
  }

  // Kills the process.
  void end() {
    kill(process_, SIGKILL);
    process_ = 0;
  }

  // The registers say that the call is to be made again, as after a signal.
  ~Inside() {
    if (process_ == 0) return;
    saved_.rip = instruction_;
    saved_.rax = saved_.orig_rax;
    saved_.orig_rax = ~0ULL;
    ptrace(PTRACE_SETREGS, process_, nullptr, &saved_);
    ptrace(PTRACE_DETACH, process_, nullptr, 0L);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  // What the kernel returned: a negated errno, or the result.
  template <class... Arguments>
  long call(long number, Arguments... arguments) {
    const unsigned long long all[6] = {static_cast<unsigned long long>(arguments)...};
    user_regs_struct registers = saved_;
    registers.rip = instruction_;
    registers.rax = static_cast<unsigned long long>(number);
    registers.orig_rax = ~0ULL;
    registers.rdi = all[0];
    registers.rsi = all[1];
    registers.rdx = all[2];
    registers.r10 = all[3];
    registers.r8 = all[4];
    registers.r9 = all[5];
    if (ptrace(PTRACE_SETREGS, process_, nullptr, &registers) != 0) give_up("set registers");
    step();
    if (ptrace(PTRACE_GETREGS, process_, nullptr, &registers) != 0) give_up("get registers");
    used_ = 0;
    return static_cast<long>(registers.rax);
  }

  // The bytes' address in the process, until the next call.
  unsigned long long place(const void* bytes, size_t size) {
    const unsigned long long at = free_ + used_;
    used_ += (size + 15) & ~size_t{15};
    if (used_ > kScratch) give_up("too much to place");
    iovec ours{const_cast<void*>(bytes), size};
    iovec theirs{reinterpret_cast<void*>(at), size};
    if (process_vm_writev(process_, &ours, 1, &theirs, 1, 0) != static_cast<ssize_t>(size))
      give_up("write into the process");
    return at;
  }
  unsigned long long place(const std::string& text) { return place(text.c_str(), text.size() + 1); }

private:
  static constexpr int kMostTries = 100;
  static constexpr unsigned long long kRedZone = 128;
  static constexpr size_t kScratch = 4096;
  // Children are stopped too, and killed: there shall be no second copy at work.
  static constexpr long kOptions =
      PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

  [[noreturn]] void give_up(const char* what) const {
    std::fprintf(stderr, "attempts: %d: %s: %s\n", process_, what, std::strerror(errno));
    std::exit(111);
  }

  void seize() {
    if (ptrace(PTRACE_SEIZE, process_, nullptr, kOptions) != 0) give_up("seize");
    ptrace(PTRACE_INTERRUPT, process_, nullptr, nullptr);
    wait_for_stop();
  }

  int wait_for_stop() {
    int status = 0;
    if (waitpid(process_, &status, __WALL) != process_ || !WIFSTOPPED(status)) give_up("has ended");
    return status;
  }

  bool at_system_call() {
    if (ptrace(PTRACE_GETREGS, process_, nullptr, &saved_) != 0) give_up("get registers");
    instruction_ = saved_.rip - 2;
    const long word = ptrace(PTRACE_PEEKTEXT, process_, instruction_, nullptr);
    constexpr long kSyscall = 0x050F;
    return static_cast<long long>(saved_.orig_rax) >= 0 && (word & 0xFFFF) == kSyscall;
  }

  void step() {
    for (;;) {
      ptrace(PTRACE_SINGLESTEP, process_, nullptr, 0L);
      const int status = wait_for_stop();
      const int event = status >> 16;
      if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
          event == PTRACE_EVENT_CLONE) {
        unsigned long child = 0;
        ptrace(PTRACE_GETEVENTMSG, process_, nullptr, &child);
        kill(static_cast<pid_t>(child), SIGKILL);
        continue;
      }
      if (WSTOPSIG(status) == SIGTRAP) return;
    }
  }

  pid_t process_;
  user_regs_struct saved_{};
  unsigned long long instruction_ = 0;
  unsigned long long free_ = 0;
  size_t used_ = 0;
};
