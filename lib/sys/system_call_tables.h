// The tables of system_calls.cc: a row a call, and nothing that decides. Included there alone.
//
// A row belongs to one family; May::nothing is what every program may do. Where an argument is
// named, the call is allowed when (argument & mask) == value; several rows of a call are
// alternatives.
#pragma once

#include <cstdint>

#include "lib/sys/confine.h"

namespace waypost {

struct SystemCall {
  int number;
  May family = May::nothing;
  int argument = -1;
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
};

constexpr SystemCall with(int number, May family, int argument, std::uint32_t value,
                          std::uint32_t mask = ~0U) {
  return {number, family, argument, mask, value};
}

// Anything in these flags makes open(2) more than a look. O_CREAT covers O_TMPFILE's writing kin.
inline constexpr std::uint32_t kNotReading = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
inline constexpr std::uint32_t kExecutable = PROT_EXEC;
inline constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                             CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                             CLONE_NEWNET | CLONE_NEWTIME;
inline constexpr std::uint32_t kSocketType = 0xF;

// In a row's value: the process that the filter is made in.
inline constexpr std::uint32_t kOwnProcess = ~0U;

inline constexpr May kAlways = May::nothing;

inline constexpr SystemCall kSystemCalls[] = {
    // ---- always: descriptors that are there, memory, clocks, signals to itself, waiting
    {SYS_read},
    {SYS_write},
    {SYS_recvmsg},
    {SYS_sendmsg},
    {SYS_pread64},
    {SYS_pwrite64},
    {SYS_close},
    {SYS_futex},
    {SYS_ppoll},
    {SYS_readv},
    {SYS_writev},
    {SYS_close_range},
    {SYS_dup},
    {SYS_lseek},
    {SYS_fstat},
    with(SYS_newfstatat, kAlways, 3, AT_EMPTY_PATH, AT_EMPTY_PATH), // how glibc writes fstat
    with(SYS_fcntl, kAlways, 1, F_GETFD),
    with(SYS_fcntl, kAlways, 1, F_SETFD),
    with(SYS_fcntl, kAlways, 1, F_GETFL),
    with(SYS_fcntl, kAlways, 1, F_SETFL),
    with(SYS_mmap, kAlways, 2, 0, kExecutable),
    with(SYS_mprotect, kAlways, 2, 0, kExecutable),
    {SYS_munmap},
    {SYS_mremap},
    {SYS_brk},
    {SYS_madvise},
    {SYS_clock_gettime},
    {SYS_clock_nanosleep},
    {SYS_gettimeofday},
    {SYS_uname},
    {SYS_getpid},
    {SYS_gettid},
    {SYS_getuid},
    {SYS_geteuid},
    {SYS_getgid},
    {SYS_getegid},
    {SYS_getrandom},
    {SYS_rt_sigaction},
    {SYS_rt_sigprocmask},
    {SYS_rt_sigreturn},
    {SYS_restart_syscall},
    with(SYS_tgkill, kAlways, 0, kOwnProcess), // abort(3)
    {SYS_umask},
    with(SYS_prctl, kAlways, 0, PR_GET_DUMPABLE),
    with(SYS_prctl, kAlways, 0, PR_SET_VMA), // malloc names its memory
    {SYS_exit},
    {SYS_exit_group},

    // ---- loop: what programs need that stay: events, timers, signals, threads
    {SYS_epoll_pwait, May::loop},
    {SYS_epoll_ctl, May::loop},
    {SYS_recvfrom, May::loop},
    {SYS_sendto, May::loop},
    {SYS_preadv, May::loop},
    {SYS_pwritev, May::loop},
    {SYS_dup3, May::loop},
    with(SYS_fcntl, May::loop, 1, F_DUPFD),
    with(SYS_fcntl, May::loop, 1, F_DUPFD_CLOEXEC),
    with(SYS_ioctl, May::loop, 1, FIONBIO),
    with(SYS_ioctl, May::loop, 1, FIONREAD),
    with(SYS_ioctl, May::loop, 1, FIOCLEX),
    with(SYS_ioctl, May::loop, 1, TCGETS),
    with(SYS_ioctl, May::loop, 1, TIOCGWINSZ),
    {SYS_mlock, May::loop},
    {SYS_munlock, May::loop},
    {SYS_membarrier, May::loop},
    {SYS_set_robust_list, May::loop},
    {SYS_rseq, May::loop},
    {SYS_sched_yield, May::loop},
    {SYS_sched_getaffinity, May::loop},
    {SYS_clock_getres, May::loop},
    {SYS_nanosleep, May::loop},
    {SYS_times, May::loop},
    {SYS_getrusage, May::loop},
    {SYS_sysinfo, May::loop},
    {SYS_getppid, May::loop},
    with(SYS_prctl, May::loop, 0, PR_SET_PDEATHSIG), // ends with its parent
    {SYS_getresuid, May::loop},
    {SYS_getresgid, May::loop},
    {SYS_getgroups, May::loop},
    {SYS_sigaltstack, May::loop},
    {SYS_setitimer, May::loop},
    {SYS_getitimer, May::loop},
    {SYS_pselect6, May::loop},
    {SYS_epoll_create1, May::loop},
    {SYS_eventfd2, May::loop},
    {SYS_timerfd_create, May::loop},
    {SYS_timerfd_settime, May::loop},
    {SYS_timerfd_gettime, May::loop},
    {SYS_signalfd4, May::loop},
    {SYS_pipe2, May::loop},
    with(SYS_socketpair, May::loop, 1, SOCK_STREAM, kSocketType), // sendto has no address to choose
    {SYS_getsockname, May::loop},
    {SYS_getpeername, May::loop},
    {SYS_getsockopt, May::loop},
    {SYS_shutdown, May::loop},
    {SYS_getrlimit, May::loop},
    with(SYS_prlimit64, May::loop, 0, 0), // its own
    with(SYS_prctl, May::loop, 0, PR_SET_NAME),
    with(SYS_prctl, May::loop, 0, PR_SET_NO_NEW_PRIVS),

    // ---- read: names; Landlock says which
    with(SYS_openat, May::read, 2, 0, kNotReading),
    {SYS_newfstatat, May::read},
    {SYS_statx, May::read},
    {SYS_faccessat, May::read},
    {SYS_faccessat2, May::read},
    {SYS_readlinkat, May::read},
    {SYS_getdents64, May::read},
    {SYS_getcwd, May::read},
    {SYS_statfs, May::read},
    {SYS_fstatfs, May::read},
    {SYS_fadvise64, May::read},

    // ---- write: the spool, and the folder of the snapshot
    {SYS_openat, May::write},
    {SYS_renameat, May::write},
    {SYS_renameat2, May::write},
    {SYS_linkat, May::write},
    {SYS_unlinkat, May::write},
    {SYS_mkdirat, May::write},
    {SYS_ftruncate, May::write},
    {SYS_fallocate, May::write},
    {SYS_fchmod, May::write},
    {SYS_fsync, May::write},
    {SYS_fdatasync, May::write},
    {SYS_sync_file_range, May::write},
    {SYS_syncfs, May::write},
    {SYS_flock, May::write},
    with(SYS_fcntl, May::write, 1, F_SETLK),
    {SYS_inotify_init1, May::write},
    {SYS_inotify_add_watch, May::write},
    {SYS_inotify_rm_watch, May::write},

    // ---- execute
    {SYS_execve, May::execute},
    with(SYS_prctl, May::execute, 0, PR_SET_DUMPABLE), // for a program that confines itself further

    // ---- terminal
    with(SYS_ioctl, May::terminal, 1, TCSETS), // tcsetattr(3), at once

    // ---- accept
    {SYS_accept4, May::accept},
    {SYS_setsockopt, May::accept},

    // ---- local, and names, which asks services of this machine
    with(SYS_socket, May::local, 0, AF_UNIX),
    {SYS_connect, May::local},
    {SYS_setsockopt, May::local},

    // ---- network; netlink lists this machine's addresses
    with(SYS_socket, May::network, 0, AF_INET),
    with(SYS_socket, May::network, 0, AF_INET6),
    with(SYS_socket, May::network, 0, AF_NETLINK),
    {SYS_connect, May::network},
    {SYS_bind, May::network},
    {SYS_setsockopt, May::network},
    {SYS_sendmmsg, May::network},
    {SYS_recvmmsg, May::network},

    // ---- modules
    with(SYS_mmap, May::modules, 2, PROT_EXEC, kExecutable | PROT_WRITE), // never both
    with(SYS_mprotect, May::modules, 2, PROT_EXEC, kExecutable | PROT_WRITE),

    // ---- threads, of this process alone
    with(SYS_clone, May::threads, 0, CLONE_THREAD, CLONE_THREAD | kNamespaces),

    // ---- wait, fork
    {SYS_wait4, May::wait},
    {SYS_waitid, May::wait},
    with(SYS_clone, May::fork, 0, 0, kNamespaces | CLONE_THREAD),
    {SYS_seccomp, May::fork}, // for the children, who give up more
    {SYS_landlock_create_ruleset, May::fork},
    {SYS_landlock_add_rule, May::fork},
    {SYS_landlock_restrict_self, May::fork},
    with(SYS_tgkill, May::fork, 2, SIGABRT), // a child's abort(3), which its own filter narrows

    // ---- identity
    {SYS_setgroups, May::identity},
    {SYS_setresuid, May::identity},
    {SYS_setresgid, May::identity},
    {SYS_setuid, May::identity},

    // ---- sanitizer
    {SYS_ptrace, May::sanitizer},
    {SYS_kill, May::sanitizer},
    {SYS_tgkill, May::sanitizer},
    {SYS_prctl, May::sanitizer},
    {SYS_personality, May::sanitizer},

#if defined(__x86_64__) // calls that other architectures never had
    {SYS_poll},
    {SYS_epoll_wait, May::loop},
    {SYS_select, May::loop},
    {SYS_dup2},
    {SYS_pipe, May::loop},
    {SYS_alarm},
    {SYS_time},
    {SYS_arch_prctl, May::loop},
    with(SYS_open, May::read, 1, 0, kNotReading),
    {SYS_stat, May::read},
    {SYS_lstat, May::read},
    {SYS_access, May::read},
    {SYS_readlink, May::read},
    {SYS_getdents, May::read},
    {SYS_open, May::write},
    {SYS_rename, May::write},
    {SYS_link, May::write},
    {SYS_unlink, May::write},
    {SYS_mkdir, May::write},
    {SYS_fork, May::fork},
    {SYS_vfork, May::fork},
#endif
};

// From here on numbers are the same everywhere. The kernel had 424 calls at 5.1.
inline constexpr int kFirstNew = SYS_pidfd_send_signal;

// New, and so dangerous that the answer shall be no, not "what is that".
inline constexpr int kDangerousAndNew[] = {
    SYS_pidfd_send_signal, SYS_pidfd_open,     SYS_pidfd_getfd,
    SYS_process_madvise,   SYS_io_uring_setup, SYS_io_uring_enter,
    SYS_io_uring_register, SYS_openat2,        SYS_open_tree,
    SYS_move_mount,        SYS_fsopen,         SYS_fsconfig,
    SYS_fsmount,           SYS_fspick,         SYS_mount_setattr,
    SYS_process_mrelease,  SYS_memfd_secret,
};

// Not into another namespace.
inline constexpr SystemCall kForkHere = with(SYS_clone, May::tree, 0, 0, kNamespaces);

// What waypost-start, root, and all that it starts never do.
inline constexpr int kAdministration[] = {
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_unshare,
    SYS_setns,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_fanotify_init,
    SYS_lookup_dcookie,
    SYS_vhangup,
    SYS_mknodat,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_pidfd_getfd,
#if !defined(__SANITIZE_ADDRESS__) // whose search for leaks traces
    SYS_ptrace,
    SYS_personality,
#endif
#if defined(__x86_64__)
    SYS_mknod,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

} // namespace waypost
