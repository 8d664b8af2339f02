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

// A binary search for the number. The kernel compiles the program for each new process, and walks
// through it once for each number, so that its length and its depth are time that everybody pays:
// answers are shared, and nothing is compared twice. Written from its end to its beginning, since
// jumps lead forward.
class Program {
public:
  explicit Program(const Policy& policy) : policy_(policy) {
    for (int number = 0; number < kNumbers; ++number)
      if (number == 0 || policy[number] != policy[number - 1]) starts_.push_back(number);
    const Place search_number = load(kNumberAt, search(0, starts_.size()));
    const Place kill = add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(kArchitectureAt, compare(BPF_JEQ, kArchitecture, search_number, kill));
  }

  std::vector<sock_filter> take() {
    std::ranges::reverse(steps_);
    return std::move(steps_);
  }

private:
  using Place = std::size_t; // of a step, counted from the end; what is added next comes before it

  // How far a comparison may jump, but for the steps that near() may have to add.
  static constexpr std::size_t kFar = UINT8_MAX - 2;

  // The runs of numbers [first, last).
  Place search(std::size_t first, std::size_t last) {
    if (last - first == 1) return answer(policy_[starts_[first]]);
    const std::size_t middle = first + (last - first) / 2;
    const Place upper = search(middle, last);
    const Place lower = search(first, middle);
    return compare(BPF_JGE, static_cast<std::uint32_t>(starts_[middle]), upper, lower);
  }

  Place answer(std::uint16_t verdict) {
    if (verdict >= kFirstGroup) return ask(policy_.group(verdict));
    std::optional<Place>& shared = answers_[verdict];
    if (!shared || steps_.size() - *shared > kFar / 2)
      shared = add(BPF_STMT(BPF_RET | BPF_K, kAnswers[verdict]));
    return *shared;
  }

  Place ask(const Group& rows) {
    Place otherwise = answer(kDeniedCall);
    for (const SystemCall* const row : rows) {
      const Place allowed = answer(kAllowedCall);
      Place test = compare(BPF_JEQ, row->value, allowed, otherwise);
      if (row->mask != ~0U) test = add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, row->mask));
      otherwise = load(argument_at(row->argument), test);
    }
    return otherwise;
  }

  Place compare(std::uint16_t how, std::uint32_t value, Place yes, Place no) {
    yes = near(yes);
    no = near(no);
    const auto from_here = [this](Place to) {
      return static_cast<std::uint8_t>(steps_.size() - 1 - to);
    };
    return add(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | how | BPF_K), value, from_here(yes),
                        from_here(no)));
  }

  // `to`, or a step that leads there.
  Place near(Place to) {
    const std::size_t over = steps_.size() - 1 - to;
    if (over <= kFar) return to;
    return add(BPF_JUMP(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(over), 0, 0));
  }

  // Loads what is tested by `then`, the step that was added last.
  Place load(std::uint32_t at, [[maybe_unused]] Place then) {
    return add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));
  }
  Place add(sock_filter step) {
    steps_.push_back(step);
    return steps_.size() - 1;
  }

  static constexpr std::uint32_t kAnswers[] = {SECCOMP_RET_ERRNO | EPERM,
                                               SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_ALLOW};

  const Policy& policy_;
  std::vector<int> starts_; // of each run of numbers with one verdict
  std::optional<Place> answers_[kFirstGroup];
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
