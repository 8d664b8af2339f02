#include <criterion/criterion.h>

#include "lib/sys/confine.h"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/sys/fd.h"
#include "lib/sys/landlock.h"
#include "lib/sys/privilege.h"
#include "lib/sys/system_calls.h"
#include "tests/unit/lib-sys/confined_child.h"

using namespace waypost;

namespace {

constexpr pid_t kSelf = 4711;
constexpr std::uint32_t kAllowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
#if defined(__x86_64__)
constexpr std::uint32_t kHere = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kHere = AUDIT_ARCH_AARCH64;
#endif

// What the kernel would say: its classic BPF, as far as our programs use it.
std::uint32_t verdict(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program[at];
    switch (step.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      std::memcpy(&a, reinterpret_cast<const char*>(&call) + step.k, sizeof a);
      break;
    case BPF_ALU | BPF_AND | BPF_K: a &= step.k; break;
    case BPF_JMP | BPF_JEQ | BPF_K: at += a == step.k ? step.jt : step.jf; break;
    case BPF_JMP | BPF_JGE | BPF_K: at += a >= step.k ? step.jt : step.jf; break;
    case BPF_JMP | BPF_JA: at += step.k; break;
    case BPF_RET | BPF_K: return step.k;
    default: cr_assert_fail("an instruction that the test does not know: %d", step.code);
    }
  }
  cr_assert_fail("the program has no end");
  return 0;
}

seccomp_data call_of(int number, std::array<std::uint64_t, 6> arguments = {}) {
  seccomp_data call{number, kHere, 0, {}};
  std::copy(arguments.begin(), arguments.end(), call.args);
  return call;
}

struct Row {
  const char* what;
  May may;
  seccomp_data call;
  std::uint32_t expected;
};

} // namespace

Test(confine, a_row_of_the_tables_decides_each_call) {
  constexpr May nothing = May::nothing;
  const Row rows[] = {
      {"read", nothing, call_of(SYS_read), kAllowed},
      {"open to read, nothing promised", nothing, call_of(SYS_openat, {0, 0, O_RDONLY}), kEperm},
      {"open to read", May::read, call_of(SYS_openat, {0, 0, O_RDONLY | O_CLOEXEC}), kAllowed},
      {"open a folder", May::read, call_of(SYS_openat, {0, 0, O_DIRECTORY | O_PATH}), kAllowed},
      {"open to write, reading", May::read, call_of(SYS_openat, {0, 0, O_WRONLY}), kEperm},
      {"open to create, reading", May::read, call_of(SYS_openat, {0, 0, O_CREAT}), kEperm},
      {"open to truncate, reading", May::read, call_of(SYS_openat, {0, 0, O_TRUNC}), kEperm},
      {"open to write", May::write, call_of(SYS_openat, {0, 0, O_RDWR | O_CREAT}), kAllowed},
      {"openat2, which hides its flags", May::write, call_of(SYS_openat2), kEperm},
      {"unlink, reading", May::read, call_of(SYS_unlinkat), kEperm},
      {"fsync, writing", May::write, call_of(SYS_fsync), kAllowed},
      {"socket", nothing, call_of(SYS_socket, {AF_UNIX}), kEperm},
      {"local socket", May::local, call_of(SYS_socket, {AF_UNIX}), kAllowed},
      {"network socket, local", May::local, call_of(SYS_socket, {AF_INET}), kEperm},
      {"network socket", May::network, call_of(SYS_socket, {AF_INET6}), kAllowed},
      {"packet socket", May::network, call_of(SYS_socket, {AF_PACKET}), kEperm},
      {"listen, network", May::network, call_of(SYS_listen), kEperm},
      {"accept", May::accept, call_of(SYS_accept4), kAllowed},
      {"datagram pair", May::loop, call_of(SYS_socketpair, {AF_UNIX, SOCK_DGRAM}), kEperm},
      {"stream pair", May::loop, call_of(SYS_socketpair, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC}),
       kAllowed},
      {"execute", May::fork, call_of(SYS_execve), kEperm},
      {"execute, promised", May::execute, call_of(SYS_execve), kAllowed},
      {"execveat", May::execute, call_of(SYS_execveat), kEperm},
      {"fork", nothing, call_of(SYS_clone, {SIGCHLD}), kEperm},
      {"fork, promised", May::fork, call_of(SYS_clone, {SIGCHLD}), kAllowed},
      {"fork into a namespace", May::fork, call_of(SYS_clone, {SIGCHLD | CLONE_NEWUSER}), kEperm},
      {"a thread", May::threads, call_of(SYS_clone, {CLONE_THREAD | CLONE_VM}), kAllowed},
      {"fork, threads", May::threads, call_of(SYS_clone, {SIGCHLD}), kEperm},
      {"clone3, which hides its flags", May::fork, call_of(SYS_clone3), kEnosys},
      {"kill", May::fork, call_of(SYS_kill, {kSelf}), kEperm},
      {"abort", nothing, call_of(SYS_tgkill, {kSelf, kSelf, SIGABRT}), kAllowed},
      {"tgkill another", nothing, call_of(SYS_tgkill, {1, 1, SIGABRT}), kEperm},
      {"ptrace", May::network, call_of(SYS_ptrace), kEperm},
      {"process_vm_readv", May::read, call_of(SYS_process_vm_readv), kEperm},
      {"pidfd_getfd", May::read, call_of(SYS_pidfd_getfd), kEperm},
      {"io_uring", May::network, call_of(SYS_io_uring_setup), kEperm},
      {"its own limit", May::loop, call_of(SYS_prlimit64, {0}), kAllowed},
      {"another's limit", May::loop, call_of(SYS_prlimit64, {1}), kEperm},
      {"be dumpable", May::fork, call_of(SYS_prctl, {PR_SET_DUMPABLE, 1}), kEperm},
      {"wait for events, brief", nothing, call_of(SYS_epoll_create1), kEperm},
      {"wait for events", May::loop, call_of(SYS_epoll_create1), kAllowed},
      {"a name", May::loop, call_of(SYS_prctl, {PR_SET_NAME}), kAllowed},
      {"a terminal's input", May::terminal, call_of(SYS_ioctl, {0, TIOCSTI}), kEperm},
      {"a terminal's modes", nothing, call_of(SYS_ioctl, {0, TCSETS}), kEperm},
      {"a terminal's modes, promised", May::terminal, call_of(SYS_ioctl, {0, TCSETS}), kAllowed},
      {"memory", nothing, call_of(SYS_mmap, {0, 1, PROT_READ | PROT_WRITE}), kAllowed},
      {"code", nothing, call_of(SYS_mmap, {0, 1, PROT_READ | PROT_EXEC}), kEperm},
      {"code, modules", May::modules, call_of(SYS_mmap, {0, 1, PROT_READ | PROT_EXEC}), kAllowed},
      {"written code, modules", May::modules, call_of(SYS_mmap, {0, 1, PROT_WRITE | PROT_EXEC}),
       kEperm},
      {"high bits of an int argument", May::network,
       call_of(SYS_socket, {(std::uint64_t{1} << 32) | AF_INET}), kAllowed},
      {"a call of a newer kernel", nothing, call_of(9'999), kEnosys},
      {"mount, the tree", May::tree, call_of(SYS_mount), kEperm},
      {"fork, the tree", May::tree, call_of(SYS_clone, {SIGCHLD}), kAllowed},
      {"fork into a namespace, the tree", May::tree, call_of(SYS_clone, {CLONE_NEWNET}), kEperm},
      {"another user, the tree", May::tree, call_of(SYS_setresuid), kAllowed},
      {"another user, promised", May::identity, call_of(SYS_setresuid), kAllowed},
      {"another user", nothing, call_of(SYS_setresuid), kEperm},
  };
  for (const Row& row : rows) {
    const std::uint32_t said = verdict(system_call_filter(row.may).of(kSelf), row.call);
    cr_expect_eq(said, row.expected, "%s: %#x, not %#x", row.what, said, row.expected);
  }
}

Test(confine, numbers_of_another_architecture_end_the_process) {
  seccomp_data call = call_of(SYS_read);
  call.arch = AUDIT_ARCH_I386;
  for (const May may : {May::nothing, May::tree})
    cr_expect_eq(verdict(system_call_filter(may).of(kSelf), call), SECCOMP_RET_KILL_PROCESS);
}

// A fork has the filter of its parent beside its own, and the kernel allows what both allow.
Test(confine, beside_a_filter_in_force_only_what_it_takes_away_is_said) {
  constexpr May kHeld = May::fork | May::wait | May::network | May::modules | May::read;
  constexpr std::uint64_t kFlags[] = {0,          1,         2,         AF_UNIX,      AF_INET,
                                      AF_NETLINK, PROT_EXEC, O_CREAT,   CLONE_THREAD, CLONE_NEWNET,
                                      SIGABRT,    kSelf,     kSelf + 1, PR_SET_NAME,  FIONREAD};
  const auto held = system_call_filter(kHeld).of(kSelf + 1);
  for (const May may : {May::network | May::read, May::network | May::read | May::modules,
                        May::write | May::threads, May::nothing}) {
    const auto whole = system_call_filter(may).of(kSelf);
    const auto beside = system_call_filter(may, kHeld).of(kSelf);
    for (int number = 0; number < 600; ++number) {
      for (const std::uint64_t flags : kFlags) {
        const seccomp_data call = call_of(number, {flags, flags, flags, flags});
        if (verdict(held, call) != kAllowed) continue;
        cr_expect_eq(verdict(beside, call), verdict(whole, call), "call %d, %#lx", number, flags);
      }
    }
  }
  const May sender = May::network | May::read;
  cr_expect_lt(4 * system_call_filter(sender, kHeld).steps.size(),
               system_call_filter(sender).steps.size());
}

Test(confine, every_promise_fits_into_a_program) {
  for (std::uint32_t bit = 0; bit < 16; ++bit)
    cr_expect_lt(system_call_filter(static_cast<May>(1U << bit)).steps.size(),
                 std::size_t{BPF_MAXINSNS});
  cr_expect_lt(system_call_filter(static_cast<May>(0x7FF)).steps.size(), std::size_t{BPF_MAXINSNS});
}

Test(confine, each_abi_of_landlock_is_asked_for_what_it_knows) {
  struct AbiRow {
    int abi;
    std::uint64_t files, ports, scoped;
  };
  const Promises reads{.read = {"/etc"}};
  for (const AbiRow& row :
       {AbiRow{0, 0, 0, 0}, AbiRow{1, 0x1FFF, 0, 0}, AbiRow{2, 0x3FFF, 0, 0},
        AbiRow{3, 0x7FFF, 0, 0}, AbiRow{4, 0x7FFF, 3, 0}, AbiRow{5, 0xFFFF, 3, 0},
        AbiRow{6, 0xFFFF, 3, 3}, AbiRow{7, 0xFFFF, 3, 3}, AbiRow{8, 0xFFFF, 3, 3}}) {
    const LandlockHandled handled = landlock_handled(reads, row.abi);
    cr_expect(handled.files == row.files && handled.ports == row.ports &&
                  handled.scoped == row.scoped,
              "ABI %d: %#lx %#lx %#lx", row.abi, handled.files, handled.ports, handled.scoped);
  }
}

Test(confine, abi_1_is_left_alone_by_whoever_moves_files_between_folders) {
  cr_expect_eq(landlock_handled({.write = {"/var"}}, 1).files, 0U);
  cr_expect_neq(landlock_handled({.write = {"/var"}}, 2).files, 0U);
}

Test(confine, any_port_leaves_ports_alone) {
  cr_expect_eq(landlock_handled({.connect = {25, kAnyPort}}, 7).ports, 0U);
  cr_expect_neq(landlock_handled({.connect = {25}}, 7).ports, 0U);
}

Test(confine, what_a_kernel_lacks_is_said_in_words) {
  cr_expect_eq(missing_in({7, true}), "");
  cr_expect_eq(missing_in({6, true}), "");
  cr_expect_eq(missing_in({7, false}), "system calls");
  cr_expect_eq(missing_in({4, true}), "ioctl of devices, abstract sockets and signals of others");
  cr_expect_neq(missing_in({1, true}).find("the spool"), std::string::npos);
  cr_expect_neq(missing_in({0, false}).find("files by name"), std::string::npos);
}

Test(confine, a_kernel_with_neither_takes_nothing_away) {
  cr_expect(in_child([] {
    const Result<> confined = try_confine({}, {0, false});
    const Fd file(::open("/etc/passwd", O_RDONLY));
    const Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
    return confined && file && socket && inspection_forbidden() &&
           ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  }));
}

// The parts alone: the whole is wider in a sanitized build (confine.cc).
Test(confine, the_running_kernel_keeps_system_calls) {
  if (!probe_kernel().seccomp) cr_skip_test("skipped: no seccomp");
  cr_expect(in_child([] {
    if (!forbid_new_privileges() || !filter_system_calls(system_call_filter(May::read | May::loop)))
      return false;
    const Fd file(::open("/etc/passwd", O_RDONLY));
    return file && cannot_open("/tmp/waypost-confined", O_WRONLY | O_CREAT) &&
           denied(::socket(AF_INET, SOCK_STREAM, 0)) && denied(::kill(::getppid(), 0)) &&
           denied(::fork()) && denied(::execl("/bin/true", "true", nullptr));
  }));
}

Test(confine, the_running_kernel_keeps_files_under_every_abi_up_to_its_own) {
  const int most = probe_kernel().landlock;
  if (most < 1) cr_skip_test("skipped: no Landlock");
  for (int abi = 1; abi <= most; ++abi) {
    const bool kept = in_child([abi] {
      const Promises reads{.read = {"/etc/hostname", "/usr"}};
      if (!forbid_new_privileges() || !restrict_by_landlock(reads, abi)) return false;
      const Fd inside(::open("/usr", O_RDONLY | O_DIRECTORY));
      return inside && cannot_open("/etc/passwd", O_RDONLY) &&
             cannot_open("/tmp/waypost-confined", O_WRONLY | O_CREAT);
    });
    cr_expect(kept, "as on a kernel of ABI %d", abi);
  }
}

Test(confine, a_written_folder_is_whole_and_alone) {
  if (probe_kernel().landlock < 2) cr_skip_test("skipped: no Landlock of ABI 2");
  char folder[] = "/tmp/waypost-confine-XXXXXX";
  cr_assert_not_null(::mkdtemp(folder));
  const std::string one = std::string(folder) + "/one";
  const std::string two = std::string(folder) + "/two";
  const std::string name = "/file";
  cr_assert(::mkdir(one.c_str(), 0700) == 0 && ::mkdir(two.c_str(), 0700) == 0);
  cr_assert(Fd(::open((one + name).c_str(), O_WRONLY | O_CREAT, 0600)).valid());
  cr_expect(in_child([&] {
    if (!forbid_new_privileges() || !restrict_by_landlock({.write = {folder}}, 7)) return false;
    const bool crossed = ::rename((one + name).c_str(), (two + name).c_str()) == 0;
    return crossed && ::unlink((two + name).c_str()) == 0 && cannot_open("/etc/passwd", O_RDONLY) &&
           cannot_open("/tmp/waypost-outside", O_WRONLY | O_CREAT);
  }));
  for (const std::string& gone : {one, two, std::string(folder)})
    cr_expect_eq(::rmdir(gone.c_str()), 0);
}

Test(confine, ports_that_were_not_promised_stay_out_of_reach) {
  if (probe_kernel().landlock < 4) cr_skip_test("skipped: no Landlock of ABI 4");
  const auto knock = [](std::uint16_t port) {
    const Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool reached = ::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    return reached ? 0 : errno;
  };
  cr_expect(in_child([&] {
    if (!forbid_new_privileges() || !restrict_by_landlock({.connect = {1}}, 7)) return false;
    return knock(1) != EACCES && knock(2) == EACCES;
  }));
}

Test(confine, a_confined_child_confines_itself_further) {
  if (!probe_kernel().seccomp || probe_kernel().landlock < 1) cr_skip_test("skipped: old kernel");
  cr_expect(in_child([] {
    if (!forbid_new_privileges() || !restrict_by_landlock({.read = {"/"}}, 7)) return false;
    if (!filter_system_calls(system_call_filter(May::fork | May::wait | May::read | May::loop)))
      return false;
    return in_child([] {
      const Fd before(::open("/etc/passwd", O_RDONLY));
      const bool narrowed =
          restrict_by_landlock({.read = {"/usr"}}, 7).has_value() &&
          filter_system_calls(system_call_filter(May::read | May::loop)).has_value();
      return before && narrowed && cannot_open("/etc/passwd", O_RDONLY) && denied(::fork());
    });
  }));
}
