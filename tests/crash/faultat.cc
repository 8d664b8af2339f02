// faultat: bends one system call of a program, somewhere in a tree of processes.
//
//   faultat REPORT PROGRAM count -- COMMAND...
//   faultat REPORT PROGRAM NUMBER KIND NTH ACTION -- COMMAND...
//
// COMMAND and all that descends from it are traced. PROGRAM is an executable's name, or NAME.fork
// for the processes that are forked from it and execute nothing. The NTH call with that number
// whose KIND (call_kind.h) is the given one, counted over all processes of the program, is bent
// once:
//   error:E   is not made, and returns the errno E
//   after:E   is made, and returns E all the same (close)
//   short     moves half of the bytes that were asked for
//   kill      the process gets SIGKILL before the call is made
//   noise     what it writes to another program is random bytes
//   long      what it writes to another program begins with a length that no record has
//   cut       half of what it writes to another program arrives, and the process gets SIGKILL
// Everything is killed when faultat ends. Exit status: of COMMAND, when all processes are gone.
// Lines appended to REPORT:
//   bent pid=P about=WHAT            once
//   calls total=N                    at the end: of PROGRAM
//   count NUMBER KIND N              at the end, for each: of PROGRAM
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "tests/crash/call_kind.h"
#include "tests/crash/garbage.h"
#include "tests/traced.h"

namespace {

enum class Act : std::uint8_t { count, error, after, shorten, kill, noise, too_long, cut };

bool is_garbage(Act act) {
  return act == Act::noise || act == Act::too_long || act == Act::cut;
}

struct Plan {
  std::string program;
  std::uint64_t number = 0;
  char kind = kNoKind;
  long nth = 0;
  Act act = Act::count;
  int code = 0;
};

// What a bent call must find again when it returns.
struct Bent {
  user_regs_struct entry{};
  std::map<std::uint64_t, long> words; // of its memory
  std::vector<Piece> pieces;           // the same
};

volatile sig_atomic_t asked_to_stop = 0;

void remember(int) {
  asked_to_stop = 1;
}

constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                          PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;

class Tracer {
public:
  Tracer(Plan plan, std::FILE* report) : plan_(std::move(plan)), report_(report) {}

  int follow(pid_t root);

private:
  // ---- who is who
  const std::string& program_of(pid_t thread);
  bool watched(pid_t thread) { return program_of(thread) == plan_.program; }
  void executed(pid_t process);

  // ---- calls
  void at_stop(pid_t thread, int status);
  void at_call(pid_t thread);
  void at_return(pid_t thread);
  void bend(pid_t thread, const __ptrace_syscall_info& call);
  void shorten(pid_t thread, user_regs_struct& registers, Bent& bent);
  void garble(pid_t thread, Bent& bent) const;
  void halve(pid_t thread, std::uint64_t address, Bent& bent);
  void tell_end();

  Plan plan_;
  std::FILE* report_;
  std::map<pid_t, std::string> programs_;
  std::set<pid_t> own_; // processes that have executed what they are
  std::map<std::pair<std::uint64_t, char>, long> counts_;
  std::map<pid_t, Bent> bent_;
  long calls_ = 0;
};

// A thread goes by its process; a fork by what it was forked from.
const std::string& Tracer::program_of(pid_t thread) {
  const auto known = programs_.find(thread);
  if (known != programs_.end()) return known->second;
  const pid_t process = process_of(thread);
  std::string name = executable_of(thread);
  if (!own_.contains(process)) name += ".fork";
  return programs_[thread] = name;
}

void Tracer::executed(pid_t process) {
  own_.insert(process);
  programs_.erase(process);
}

void Tracer::at_call(pid_t thread) {
  __ptrace_syscall_info call{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof call, &call) <= 0) return;
  if (call.op == PTRACE_SYSCALL_INFO_EXIT) return at_return(thread);
  if (call.op != PTRACE_SYSCALL_INFO_ENTRY) return;
  ++calls_;
  const char kind = kind_of(thread, call.entry.nr, call.entry.args);
  const long nth = ++counts_[{call.entry.nr, kind}];
  const bool meant = call.entry.nr == plan_.number && kind == plan_.kind && nth == plan_.nth;
  if (meant && plan_.act != Act::count) bend(thread, call);
}

void Tracer::bend(pid_t thread, const __ptrace_syscall_info& call) {
  if (is_garbage(plan_.act) && !leads_to_a_program(thread, call.entry.args[0])) return;
  const std::string about = subject_of(thread, call.entry.nr, call.entry.args);
  std::fprintf(report_, "bent pid=%d about=%s\n", process_of(thread), about.c_str());
  std::fflush(report_);
  if (plan_.act == Act::kill) {
    kill(process_of(thread), SIGKILL);
    return;
  }
  Bent bent;
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &bent.entry) != 0) return;
  user_regs_struct registers = bent.entry;
  if (plan_.act == Act::shorten || plan_.act == Act::cut) {
    shorten(thread, registers, bent);
  } else if (is_garbage(plan_.act)) {
    garble(thread, bent);
  } else if (plan_.act == Act::error && call.entry.nr == SYS_brk) {
    registers.rdi = 0; // returns where the break is: what the kernel does when it has no memory
  } else if (plan_.act == Act::error) {
    // In its place a read of no descriptor, which every seccomp filter of ours lets through.
    registers.orig_rax = SYS_read;
    registers.rdi = ~0ULL;
  }
  ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
  bent_[thread] = std::move(bent);
}

void Tracer::garble(pid_t thread, Bent& bent) const {
  const Memory memory(thread);
  bent.pieces = written_by(memory, bent.entry);
  std::vector<Piece> garbage = bent.pieces;
  if (plan_.act == Act::noise) {
    make_noise(garbage, static_cast<std::uint64_t>(plan_.nth));
  } else {
    make_too_long(garbage);
  }
  for (const Piece& piece : garbage)
    memory.write(piece.address, piece.bytes);
}

// At least one byte, so that it does not look like the end.
void Tracer::shorten(pid_t thread, user_regs_struct& registers, Bent& bent) {
  switch (registers.orig_rax) {
  case SYS_readv:
  case SYS_writev:
  case SYS_preadv:
  case SYS_pwritev:
    registers.rdx = std::min<std::uint64_t>(registers.rdx, 1);
    halve(thread, registers.rsi + 8, bent); // iovec: base, length
    break;
  case SYS_sendmsg:
  case SYS_recvmsg: { // msghdr: name, its length, vectors, their number
    const long vectors = ptrace(PTRACE_PEEKDATA, thread, registers.rsi + 16, nullptr);
    const long number = ptrace(PTRACE_PEEKDATA, thread, registers.rsi + 24, nullptr);
    if (number < 1) return;
    bent.words[registers.rsi + 24] = number;
    ptrace(PTRACE_POKEDATA, thread, registers.rsi + 24, 1L);
    halve(thread, static_cast<std::uint64_t>(vectors) + 8, bent);
    break;
  }
  default: registers.rdx = registers.rdx > 1 ? registers.rdx / 2 : registers.rdx;
  }
}

void Tracer::halve(pid_t thread, std::uint64_t address, Bent& bent) {
  const long length = ptrace(PTRACE_PEEKDATA, thread, address, nullptr);
  if (length < 2) return;
  bent.words[address] = length;
  ptrace(PTRACE_POKEDATA, thread, address, length / 2);
}

void Tracer::at_return(pid_t thread) {
  const auto found = bent_.find(thread);
  if (found == bent_.end()) return;
  const Bent bent = std::move(found->second);
  bent_.erase(found);
  for (const auto& [address, word] : bent.words)
    ptrace(PTRACE_POKEDATA, thread, address, word);
  for (const Memory memory(thread); const Piece& piece : bent.pieces)
    memory.write(piece.address, piece.bytes);
  if (plan_.act == Act::cut) {
    kill(process_of(thread), SIGKILL);
    return;
  }
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return;
  const bool refused_break = plan_.act == Act::error && bent.entry.orig_rax == SYS_brk;
  if ((plan_.act == Act::error || plan_.act == Act::after) && !refused_break)
    registers.rax = static_cast<unsigned long long>(-static_cast<long long>(plan_.code));
  // The caller counts on finding its arguments where they were.
  registers.rdi = bent.entry.rdi;
  registers.rsi = bent.entry.rsi;
  registers.rdx = bent.entry.rdx;
  registers.orig_rax = bent.entry.orig_rax;
  ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
}

void Tracer::at_stop(pid_t thread, int status) {
  const int signal_number = WSTOPSIG(status);
  const int event = status >> 16;
  if (event == PTRACE_EVENT_EXEC) executed(thread);
  if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
    ptrace(PTRACE_LISTEN, thread, nullptr, nullptr); // stopped by a signal, and shall stay so
    return;
  }
  const bool at_system_call = signal_number == (SIGTRAP | 0x80);
  if (at_system_call) at_call(thread);
  const long deliver = event != 0 || at_system_call ? 0 : signal_number;
  ptrace(watched(thread) ? PTRACE_SYSCALL : PTRACE_CONT, thread, nullptr, deliver);
}

void Tracer::tell_end() {
  std::fprintf(report_, "calls total=%ld\n", calls_);
  for (const auto& [call, count] : counts_)
    std::fprintf(report_, "count %llu %c %ld\n", static_cast<unsigned long long>(call.first),
                 call.second, count);
  std::fflush(report_);
}

int Tracer::follow(pid_t root) {
  int exit_status = 0;
  while (asked_to_stop == 0) {
    int status = 0;
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) break; // nobody is left
    if (WIFSTOPPED(status)) {
      at_stop(thread, status);
      continue;
    }
    if (thread == root)
      exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    programs_.erase(thread); // its number may come again
    own_.erase(thread);
    bent_.erase(thread);
  }
  tell_end();
  return exit_status;
}

Act act_of(std::string_view word) {
  if (word == "error") return Act::error;
  if (word == "after") return Act::after;
  if (word == "short") return Act::shorten;
  if (word == "kill") return Act::kill;
  if (word == "noise") return Act::noise;
  if (word == "long") return Act::too_long;
  if (word == "cut") return Act::cut;
  std::fputs("faultat: no such action\n", stderr);
  std::exit(100);
}

Plan plan_of(char** words, int count) {
  Plan plan;
  plan.program = words[0];
  if (count == 2) return plan;
  plan.number = std::strtoull(words[1], nullptr, 10);
  plan.kind = words[2][0];
  plan.nth = std::strtol(words[3], nullptr, 10);
  const std::string action = words[4];
  const std::size_t colon = std::min(action.find(':'), action.size());
  plan.act = act_of(std::string_view(action).substr(0, colon));
  if (colon < action.size()) plan.code = std::atoi(action.c_str() + colon + 1);
  return plan;
}

} // namespace

int main(int argc, char** argv) {
  int end = 1;
  while (end < argc && std::string_view(argv[end]) != "--")
    ++end;
  if ((end != 4 && end != 7) || end + 1 >= argc) {
    std::fputs("usage: faultat REPORT PROGRAM count|NUMBER KIND NTH ACTION -- COMMAND...\n",
               stderr);
    return 100;
  }
  std::FILE* const report = std::fopen(argv[1], "ae");
  if (report == nullptr) fail("faultat: report");
  struct sigaction stop{};
  stop.sa_handler = remember; // no SA_RESTART: it must end waitpid
  sigaction(SIGTERM, &stop, nullptr);
  Tracer tracer(plan_of(argv + 2, end - 2), report);
  return tracer.follow(start_traced(argv + end + 1, kOptions));
}
