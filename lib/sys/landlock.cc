#include "lib/sys/landlock.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/sys/shortage.h"

namespace waypost {
namespace {

// The kernel's numbers (include/uapi/linux/landlock.h); the headers of Debian 12 end with ABI 2.
constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadDir = 1U << 3;
constexpr std::uint64_t kRemoveDir = 1U << 4;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeDir = 1U << 7;
constexpr std::uint64_t kMakeRegular = 1U << 8;
constexpr std::uint64_t kMakeSocket = 1U << 9;
constexpr std::uint64_t kFirstAbi = (1U << 13) - 1;
constexpr std::uint64_t kRefer = 1U << 13;
constexpr std::uint64_t kTruncate = 1U << 14;
constexpr std::uint64_t kDeviceIoctl = 1U << 15;
constexpr std::uint64_t kBindTcp = 1U << 0;
constexpr std::uint64_t kConnectTcp = 1U << 1;
constexpr std::uint64_t kAbstractSockets = 1U << 0;
constexpr std::uint64_t kSignals = 1U << 1;

constexpr unsigned kVersion = 1U << 0; // flag of landlock_create_ruleset
constexpr int kPathRule = 1;
constexpr int kPortRule = 2;

constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceIoctl;
constexpr std::uint64_t kReading = kReadFile | kReadDir;
constexpr std::uint64_t kWriting = kReading | kWriteFile | kTruncate | kRemoveDir | kRemoveFile |
                                   kMakeDir | kMakeRegular | kMakeSocket | kRefer;
constexpr std::uint64_t kExecuting = kReading | kExecute;

struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t fd;
};
struct PortRule {
  std::uint64_t allowed;
  std::uint64_t port;
};

bool any_port(const Promises& promises) {
  return std::ranges::find(promises.connect, kAnyPort) != promises.connect.end();
}

Fd create_ruleset(const LandlockHandled& handled) {
  return Fd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
}

Result<> add_rule(int ruleset, int kind, const void* rule) {
  if (::syscall(SYS_landlock_add_rule, ruleset, kind, rule, 0) == 0) return {};
  return fail_errno("landlock_add_rule");
}

// A name that is not there, or not for us, needs no rule. One that cannot be looked at this time
// does: else it would be out of reach for as long as the process lives.
Result<> allow_path(int ruleset, const std::string& path, std::uint64_t rights) {
  const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) {
    const auto why = fail_errno("open " + path);
    return passes(why.error()) ? Result<>(why) : Result<>();
  }
  struct stat status{};
  if (::fstat(place.get(), &status) != 0) return fail_errno("stat " + path);
  PathRule rule{rights, place.get()};
  if (!S_ISDIR(status.st_mode)) rule.allowed &= kOfFiles;
  return rule.allowed == 0 ? Result<>() : add_rule(ruleset, kPathRule, &rule);
}

Result<> allow_paths(int ruleset, const Promises& promises, std::uint64_t handled) {
  struct Paths {
    const std::vector<std::string>& names;
    std::uint64_t rights;
  };
  for (const Paths& paths : {Paths{promises.read, kReading}, Paths{promises.write, kWriting},
                             Paths{promises.execute, kExecuting}}) {
    for (const std::string& path : paths.names) {
      const Result<> allowed = allow_path(ruleset, path, paths.rights & handled);
      if (!allowed) return allowed;
    }
  }
  return {};
}

Result<> allow_ports(int ruleset, const Promises& promises, std::uint64_t handled) {
  if (handled == 0) return {};
  for (const std::uint32_t port : promises.connect) {
    const PortRule rule{kConnectTcp, port};
    const Result<> allowed = add_rule(ruleset, kPortRule, &rule);
    if (!allowed) return allowed;
  }
  if (promises.connect.empty()) return {};
  const PortRule ephemeral{kBindTcp, 0}; // to choose the address that it connects from
  return add_rule(ruleset, kPortRule, &ephemeral);
}

} // namespace

LandlockHandled landlock_handled(const Promises& promises, int abi) {
  LandlockHandled handled;
  // ABI 1 denies to move a file between folders, and the spool lives by that.
  if (abi < 1 || (abi < 2 && !promises.write.empty())) return handled;
  handled.files = kFirstAbi;
  if (abi >= 2) handled.files |= kRefer;
  if (abi >= 3) handled.files |= kTruncate;
  if (abi >= 4 && !any_port(promises)) handled.ports = kBindTcp | kConnectTcp;
  if (abi >= 5) handled.files |= kDeviceIoctl;
  if (abi >= 6) handled.scoped = kAbstractSockets | kSignals;
  return handled;
}

int landlock_abi() {
  return static_cast<int>(
      std::max(0L, ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersion)));
}

Result<Fd> make_ruleset(const Promises& promises, int abi) {
  LandlockHandled handled;
  Fd ruleset;
  do {
    handled = landlock_handled(promises, abi);
    if (handled.files == 0) return Fd();
    ruleset = create_ruleset(handled);
    // Kernels of distributions exist that call themselves 6 and know no scopes.
  } while (!ruleset && errno == EINVAL && --abi > 0);
  if (!ruleset) return fail_errno("landlock_create_ruleset");
  Result<> allowed = allow_paths(ruleset.get(), promises, handled.files);
  if (allowed) allowed = allow_ports(ruleset.get(), promises, handled.ports);
  if (!allowed) return std::unexpected(allowed.error());
  return ruleset;
}

Result<> restrict_to(int ruleset) {
  if (ruleset < 0 || ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0) return {};
  return fail_errno("landlock_restrict_self");
}

Result<> restrict_by_landlock(const Promises& promises, int abi) {
  const Result<Fd> ruleset = make_ruleset(promises, abi);
  if (!ruleset) return std::unexpected(ruleset.error());
  return restrict_to(ruleset->get());
}

} // namespace waypost
