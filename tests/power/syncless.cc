// syncless: runs a program and all that it starts, and takes chosen syncs away from them.
//
//   syncless RULE... -- COMMAND...
//
// RULE is PROGRAM:CALL:TARGET:ACTION, or that and :PLACE. PROGRAM is the file name of an
// executable, CALL `fsync`, `fdatasync` or `linkat`, TARGET `file` or `folder` (what the descriptor
// refers to; of linkat it is the new name's folder). ACTION is `none` (the call returns 0 and
// nothing was synced), `fdatasync` (it becomes that), or `write-back` (before the call the kernel
// writes back all that is dirty, as it might at any time). PLACE is one of those of place.h: only
// the queue manager's syncs of a message file for that reason. The first rule that fits is applied.
// This is the negative control of the power-cut tests: it works on the release programs as they
// are, static ones included. Only these calls stop (seccomp RET_TRACE), so everything else runs at
// its own speed. Tracees die with syncless; SIGTERM is passed to COMMAND. At the end each rule says
// on standard error how often it was applied: a control that never was controls nothing.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "tests/power/place.h"
#include "tests/traced.h"

namespace {

using Registers = user_regs_struct;

enum class Action { none, fdatasync, write_back };

struct Rule {
  std::string_view text;
  std::string_view program;
  unsigned long long call = SYS_fsync;
  bool folder = false;
  std::string_view place; // empty: any
  Action action = Action::none;
  int applied = 0;
};

volatile sig_atomic_t command_pid = 0;

void pass_on(int signal_number) {
  if (command_pid > 0) kill(command_pid, signal_number);
}

// Which of the words this one is.
int choice(std::string_view word, std::initializer_list<std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  std::fputs("syncless: a rule is PROGRAM:fsync|fdatasync|linkat:file|folder:"
             "none|fdatasync|write-back[:outcome|owed|told|decision]\n",
             stderr);
  std::exit(100);
}

Rule parse(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(':', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  words.resize(5);
  constexpr unsigned long long calls[] = {SYS_fsync, SYS_fdatasync, SYS_linkat};
  Rule rule;
  rule.text = text;
  rule.program = words[0];
  rule.call = calls[choice(words[1], {"fsync", "fdatasync", "linkat"})];
  rule.folder = choice(words[2], {"file", "folder"}) == 1;
  rule.action = static_cast<Action>(choice(words[3], {"none", "fdatasync", "write-back"}));
  rule.place = words[4];
  choice(rule.place, {"", "outcome", "owed", "told", "decision"});
  return rule;
}

constexpr long options =
    PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

// In the child: stop at every such call from now on, through fork and exec.
void install_filter() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsync, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof steps / sizeof steps[0], steps};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) fail("syncless: seccomp");
}

std::string program_of(pid_t pid) {
  char path[4096];
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  if (length < 0) return {};
  const std::string_view whole(path, static_cast<size_t>(length));
  return std::string(whole.substr(whole.rfind('/') + 1));
}

std::string descriptor(pid_t pid, std::uint64_t fd) {
  return "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
}

bool is_folder(pid_t pid, std::uint64_t fd) {
  struct stat st{};
  return stat(descriptor(pid, fd).c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

// The tracee waits meanwhile, and everything that it wrote is on the disk when it goes on.
void write_back(pid_t pid, std::uint64_t folder_fd) {
  const int folder = open(descriptor(pid, folder_fd).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0) return;
  syncfs(folder);
  close(folder);
}

void apply(Rule& rule, pid_t pid, Registers& registers, std::uint64_t fd) {
  rule.applied++;
  switch (rule.action) {
  case Action::none: // number -1 leaves the call out; rax is then its result
    registers.orig_rax = ~0ULL;
    registers.rax = 0;
    break;
  case Action::fdatasync: registers.orig_rax = SYS_fdatasync; break;
  case Action::write_back: write_back(pid, fd); return;
  }
  ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
}

// The tracee stands before one of the calls.
void change(pid_t pid, std::vector<Rule>& rules) {
  Registers registers{};
  if (ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return;
  const std::uint64_t fd = registers.orig_rax == SYS_linkat ? registers.rdx : registers.rdi;
  const std::string program = program_of(pid);
  for (Rule& rule : rules) {
    if (rule.program != program || rule.call != registers.orig_rax) continue;
    if (rule.folder != is_folder(pid, fd)) continue;
    if (!rule.place.empty() && rule.place != place_of(descriptor(pid, fd))) continue;
    apply(rule, pid, registers, fd);
    return;
  }
}

void resume(pid_t pid, int status, std::vector<Rule>& rules) {
  const int signal_number = WSTOPSIG(status);
  const int event = status >> 16;
  if (event == PTRACE_EVENT_SECCOMP) change(pid, rules);
  const bool stopping = signal_number == SIGSTOP || signal_number == SIGTSTP ||
                        signal_number == SIGTTIN || signal_number == SIGTTOU;
  if (event == PTRACE_EVENT_STOP && stopping) {
    ptrace(PTRACE_LISTEN, pid, nullptr, nullptr); // stay stopped until SIGCONT
    return;
  }
  const long deliver = event == 0 ? signal_number : 0;
  ptrace(PTRACE_CONT, pid, nullptr, deliver);
}

int trace(pid_t command, std::vector<Rule>& rules) {
  int result = 111;
  while (true) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return result;
    if (WIFSTOPPED(status)) {
      resume(pid, status, rules);
    } else if (pid == command) {
      result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  std::vector<Rule> rules;
  int next = 1;
  for (; next < argc && std::string_view(argv[next]) != "--"; next++) {
    rules.push_back(parse(argv[next]));
  }
  if (next + 1 >= argc) {
    std::fputs("usage: syncless RULE... -- COMMAND...\n", stderr);
    return 100;
  }
  command_pid = start_traced(argv + next + 1, options, install_filter);
  struct sigaction forward{};
  forward.sa_handler = pass_on;
  sigaction(SIGTERM, &forward, nullptr);
  sigaction(SIGHUP, &forward, nullptr);
  const int result = trace(command_pid, rules);
  for (const Rule& rule : rules) {
    std::fprintf(stderr, "syncless: %.*s applied=%d\n", static_cast<int>(rule.text.size()),
                 rule.text.data(), rule.applied);
  }
  return result;
}
