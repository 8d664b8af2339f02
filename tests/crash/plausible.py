"""Which errors a system call may return on a sick machine: the table that `faults.py` goes through.

A row: the call's name, the kinds of subject (call_kind.h; "" for any), what may happen. Actions are those of
faultat: error:E, after:E, short, kill. An error stands here when Linux can return it without a mistake of the
caller's: no memory, no descriptors, no space, a sick disk, a signal, a short transfer, a peer that went away. What a
signal cannot interrupt has no EINTR; what is no disk has no EIO.
"""

import errno
import re

DISK_FULL = ("ENOSPC", "EDQUOT")

TABLE = (
    ("open openat", "r", ("EMFILE", "ENOMEM", "EIO")),
    ("open openat", "w", ("EMFILE", "ENOMEM", "EIO", *DISK_FULL)),
    ("read pread64 readv preadv getdents64", "f", ("EIO", "EINTR")),
    ("read pread64 readv preadv", "fps", ("short",)),
    ("read readv recvfrom recvmsg", "ps", ("EINTR",)),
    ("recvmsg recvfrom", "s", ("ENOMEM", "ECONNRESET", "short")),
    ("read readv", "a", ("EINTR",)),
    ("write pwrite64 writev pwritev", "f", ("EIO", "EINTR", "short", *DISK_FULL)),
    ("write writev", "ps", ("EINTR", "ENOMEM", "short")),
    ("sendto sendmsg", "s", ("EINTR", "ENOMEM", "ENOBUFS", "short")),
    ("fsync fdatasync sync_file_range", "", ("EIO", *DISK_FULL)),
    ("ftruncate fallocate", "", ("EIO", "EINTR", *DISK_FULL)),
    ("link linkat rename renameat renameat2 mkdir mkdirat", "", ("EIO", "ENOMEM", *DISK_FULL)),
    ("unlink unlinkat rmdir fchmod fchmodat", "", ("EIO", "ENOMEM")),
    ("stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs", "", ("EIO", "ENOMEM")),
    ("fstat fstatfs", "f", ("EIO",)),
    ("close", "f", ("after:EIO", "after:EINTR")),
    ("flock", "", ("EINTR", "ENOLCK")),
    ("mmap mremap mprotect brk", "", ("ENOMEM",)),
    ("fork vfork clone clone3", "", ("EAGAIN", "ENOMEM")),
    ("execve", "", ("ENOMEM", "EIO", "EMFILE")),
    ("wait4", "-", ("EINTR",)),
    ("waitid epoll_wait epoll_pwait poll ppoll nanosleep clock_nanosleep", "", ("EINTR",)),
    ("poll ppoll", "", ("ENOMEM",)),
    ("pipe pipe2 socketpair socket eventfd2 epoll_create1 inotify_init1 timerfd_create signalfd4 accept4 dup", "",
     ("EMFILE", "ENOMEM")),
    ("accept4", "", ("ECONNABORTED", "EINTR")),
    ("fcntl", "n", ("EMFILE",)),
    ("epoll_ctl inotify_add_watch", "", ("ENOMEM", "ENOSPC")),
    ("connect", "", ("EINTR", "ECONNREFUSED", "ETIMEDOUT", "EADDRNOTAVAIL", "EAGAIN")),
    ("bind listen", "", ("EADDRINUSE", "ENOMEM")),
    ("setsockopt", "", ("ENOMEM",)),
    ("seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self", "", ("ENOMEM",)),
    ("getrandom", "", ("EINTR",)),
)

# What another program may find in its pipe or socket: bytes without sense, a length that no record has, half a record
# and then the end. None of these is a message itself, whose bytes are its author's.
GARBAGE_CALLS, GARBAGE_KINDS = ("write", "writev", "sendto", "sendmsg"), "ps"
GARBAGE = ("noise", "long", "cut")

# Nothing happens behind these that a kill could tear.
NEVER_TORN = {"exit_group", "rt_sigreturn"}


def call_names():
    """Number to name of system calls, from the kernel's header; nothing where it is absent."""
    try:
        with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", encoding="ascii") as header:
            return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)", header.read())}
    except FileNotFoundError:
        return {}


def action_of(word):
    """EIO -> error:5; after:EIO -> after:5; short stays."""
    how, _, name = word.rpartition(":")
    return word if word == "short" else f"{how or 'error'}:{getattr(errno, name)}"


def garbage(name, kind):
    """What may become of the bytes that this call writes to another program."""
    return [(word, word) for word in GARBAGE] if name in GARBAGE_CALLS and kind in GARBAGE_KINDS else []


def actions(name, kind):
    """What may happen at this call, in faultat's words, paired with ours."""
    return [(action_of(word), word) for calls, kinds, words in TABLE
            if name in calls.split() and (not kinds or kind in kinds) for word in words]
