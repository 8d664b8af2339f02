#include "lib/sys/system_calls.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "lib/sys/system_call_tables.h"

namespace waypost {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the tables of system calls know x86_64 and aarch64"
#endif

constexpr std::uint32_t kNumberAt = offsetof(seccomp_data, nr);
constexpr std::uint32_t kArchitectureAt = offsetof(seccomp_data, arch);
// The kernel's flags and commands are ints: their lower half, on these little-endian machines.
constexpr std::uint32_t argument_at(int argument) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) +
         8U * static_cast<std::uint32_t>(argument);
}

// What the numbers are answered, each number one of these, or the place of its rows behind them.
enum Verdict : std::uint16_t { kDeniedCall, kUnknownCall, kAllowedCall, kFirstGroup };

constexpr int kNumbers = 512; // more than there are; what comes after is answered as the last

// One call's rows: any of them may allow it.
using Group = std::vector<const SystemCall*>;

class Policy {
public:
  explicit Policy(May may) {
    if (has(may, May::tree)) {
      keep_from_administration();
    } else {
      keep_to(may);
    }
  }

  // Lets through what `held`, which is asked as well, answers as this policy would.
  void leave_to(const Policy& held) {
    for (int number = 0; number < kNumbers; ++number)
      if (held.keeps_as_well(number, *this)) at(number) = kAllowedCall;
  }

  [[nodiscard]] std::uint16_t operator[](int number) const {
    return verdicts_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] const Group& group(std::uint16_t verdict) const {
    return groups_[verdict - kFirstGroup];
  }

private:
  // Whether this policy allows of that call no more than `narrower` does. Rows that name a process
  // name another one here than there.
  [[nodiscard]] bool keeps_as_well(int number, const Policy& narrower) const {
    const std::uint16_t here = (*this)[number];
    const std::uint16_t there = narrower[number];
    if (here < kAllowedCall) return true;
    if (here == kAllowedCall || there < kFirstGroup) return false;
    const auto names_itself = [](const SystemCall* row) { return row->value == kOwnProcess; };
    return group(here) == narrower.group(there) && std::ranges::none_of(group(here), names_itself);
  }

  std::uint16_t& at(int number) { return verdicts_[static_cast<std::size_t>(number)]; }

  void allow(const SystemCall& call) {
    std::uint16_t& verdict = at(call.number);
    if (call.argument < 0) verdict = kAllowedCall;
    if (verdict == kAllowedCall) return;
    if (verdict < kFirstGroup) {
      verdict = static_cast<std::uint16_t>(kFirstGroup + groups_.size());
      groups_.emplace_back();
    }
    groups_[verdict - kFirstGroup].push_back(&call);
  }

  void keep_to(May may) {
    std::fill(verdicts_.begin() + kFirstNew, verdicts_.end(), kUnknownCall);
    for (const int number : kDangerousAndNew)
      at(number) = kDeniedCall;
    for (const SystemCall& call : kSystemCalls)
      if (call.family == May::nothing || has(may, call.family)) allow(call);
  }

  void keep_from_administration() {
    verdicts_.fill(kAllowedCall);
    for (const int number : kAdministration)
      at(number) = kDeniedCall;
    at(kForkHere.number) = kDeniedCall;
    allow(kForkHere);
    at(SYS_clone3) = kUnknownCall; // it hides its flags
  }

  std::array<std::uint16_t, kNumbers> verdicts_{}; // kDeniedCall
  std::vector<Group> groups_;
};

// A binary search for the number: the kernel walks through the program once for each number when it
// takes it, so that a list of comparisons would cost every new process a third of a millisecond.
class Program {
public:
  explicit Program(const Policy& policy) : policy_(policy) {
    for (int number = 0; number < kNumbers; ++number)
      if (number == 0 || policy[number] != policy[number - 1]) starts_.push_back(number);
    load(kArchitectureAt);
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(kNumberAt);
    search(0, starts_.size());
  }

  std::vector<sock_filter> take() { return std::move(steps_); }

private:
  // The runs of numbers [first, last): the upper half stands behind the lower one.
  void search(std::size_t first, std::size_t last) {
    if (last - first == 1) return answer(policy_[starts_[first]]);
    const std::size_t middle = first + (last - first) / 2;
    const auto boundary = static_cast<std::uint32_t>(starts_[middle]);
    const std::size_t here = steps_.size();
    add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, boundary, 0, 0));
    search(first, middle);
    const std::size_t over = steps_.size() - here - 1;
    if (over <= UINT8_MAX) {
      steps_[here].jt = static_cast<std::uint8_t>(over);
    } else { // too far for it
      steps_[here].jf = 1;
      const sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(over), 0, 0);
      steps_.insert(steps_.begin() + static_cast<std::ptrdiff_t>(here) + 1, jump);
    }
    search(middle, last);
  }

  void answer(std::uint16_t verdict) {
    if (verdict == kDeniedCall || verdict == kUnknownCall) {
      const std::uint32_t error = verdict == kDeniedCall ? EPERM : ENOSYS;
      return add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
    }
    if (verdict != kAllowedCall) return ask(policy_.group(verdict));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }

  void ask(const Group& rows) {
    for (const SystemCall* const row : rows) {
      load(argument_at(row->argument));
      if (row->mask != ~0U) add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, row->mask));
      add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, row->value, 0, 1));
      answer(kAllowedCall);
    }
    answer(kDeniedCall);
  }

  void load(std::uint32_t at) { add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)); }
  void add(sock_filter step) { steps_.push_back(step); }

  const Policy& policy_;
  std::vector<int> starts_; // of each run of numbers with one verdict
  std::vector<sock_filter> steps_;
};

long seccomp(unsigned operation, const sock_fprog* program) {
  return ::syscall(SYS_seccomp, operation, 0U, program);
}

} // namespace

std::vector<sock_filter> SystemCallFilter::of(pid_t self) const {
  std::vector<sock_filter> own = steps;
  for (sock_filter& step : own)
    if (step.code == (BPF_JMP | BPF_JEQ | BPF_K) && step.k == kOwnProcess)
      step.k = static_cast<std::uint32_t>(self);
  return own;
}

SystemCallFilter system_call_filter(May may, std::optional<May> held) {
  Policy policy(may);
  if (held) policy.leave_to(Policy(*held));
  return {Program(policy).take()};
}

bool has_system_call_filters() {
  // seccomp(2): without a program the kernel says EFAULT when it would take one.
  return seccomp(SECCOMP_SET_MODE_FILTER, nullptr) != 0 && errno == EFAULT;
}

Result<> filter_system_calls(const SystemCallFilter& filter) {
  std::vector<sock_filter> steps = filter.of(::getpid());
  const sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
  if (seccomp(SECCOMP_SET_MODE_FILTER, &program) == 0) return {};
  return fail_errno("seccomp");
}

} // namespace waypost
