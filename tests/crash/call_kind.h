// What a system call is about, as far as it decides how the call can fail: an inode on a disk fails
// otherwise than a socket. Read from /proc while the caller is stopped.
//
//   f  a descriptor of a file or folder      s  of a socket      p  of a pipe
//   d  of a device                           a  of an epoll, eventfd, inotify, ...
//   r  open(2) of what must be there         w  open(2) that may create
//   n  fcntl(2) that makes a descriptor      h  wait(2) that never sleeps
//   -  nothing of these
#pragma once

#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

inline constexpr char kNoKind = '-';

// Where a link below /proc leads; "" when it is gone.
inline std::string link_in_proc(pid_t thread, const std::string& name) {
  char target[4096];
  const std::string link = "/proc/" + std::to_string(thread) + "/" + name;
  const ssize_t n = readlink(link.c_str(), target, sizeof target);
  return n > 0 ? std::string(target, static_cast<std::size_t>(n)) : std::string();
}

inline std::string executable_of(pid_t thread) {
  const std::string path = link_in_proc(thread, "exe");
  return path.substr(path.rfind('/') + 1);
}

// The process of a thread; the thread's own number when /proc does not say.
inline pid_t process_of(pid_t thread) {
  const std::string path = "/proc/" + std::to_string(thread) + "/status";
  std::FILE* const status = std::fopen(path.c_str(), "re");
  if (status == nullptr) return thread;
  char line[256];
  pid_t process = thread;
  while (std::fgets(line, sizeof line, status) != nullptr)
    if (std::string_view(line).starts_with("Tgid:")) process = std::atoi(line + 5);
  std::fclose(status);
  return process;
}

inline bool begins_with_descriptor(std::uint64_t number) {
  switch (number) {
  case SYS_read:
  case SYS_write:
  case SYS_pread64:
  case SYS_pwrite64:
  case SYS_readv:
  case SYS_writev:
  case SYS_preadv:
  case SYS_pwritev:
  case SYS_recvfrom:
  case SYS_recvmsg:
  case SYS_sendto:
  case SYS_sendmsg:
  case SYS_close:
  case SYS_fstat:
  case SYS_fstatfs:
  case SYS_lseek:
  case SYS_ftruncate:
  case SYS_fsync:
  case SYS_fdatasync:
  case SYS_getdents64:
  case SYS_connect: return true;
  default: return false;
  }
}

inline char kind_of(pid_t thread, std::uint64_t number, const std::uint64_t (&arguments)[6]) {
  if (number == SYS_fcntl)
    return arguments[1] == F_DUPFD || arguments[1] == F_DUPFD_CLOEXEC ? 'n' : kNoKind;
  if (number == SYS_wait4) return (arguments[2] & WNOHANG) != 0 ? 'h' : kNoKind;
  if (number == SYS_openat || number == SYS_open) {
    const std::uint64_t flags = arguments[number == SYS_openat ? 2 : 1];
    return (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) != 0 ? 'w' : 'r';
  }
  if (!begins_with_descriptor(number)) return kNoKind;
  const std::string target =
      link_in_proc(thread, "fd/" + std::to_string(static_cast<int>(arguments[0])));
  if (target.starts_with("/dev/")) return 'd';
  if (target.starts_with("/")) return 'f';
  if (target.starts_with("socket:")) return 's';
  if (target.starts_with("pipe:")) return 'p';
  return target.starts_with("anon_inode:") ? 'a' : kNoKind;
}

// For a person: the file behind the descriptor, or the name that a call is given.
inline std::string subject_of(pid_t thread, std::uint64_t number,
                              const std::uint64_t (&arguments)[6]) {
  if (begins_with_descriptor(number))
    return link_in_proc(thread, "fd/" + std::to_string(static_cast<int>(arguments[0])));
  const bool named = number == SYS_openat || number == SYS_newfstatat || number == SYS_unlinkat ||
                     number == SYS_mkdirat || number == SYS_renameat;
  const bool first = number == SYS_execve || number == SYS_open || number == SYS_mkdir ||
                     number == SYS_rename || number == SYS_unlink || number == SYS_access;
  if (!named && !first) return "-";
  char text[256] = "";
  const int memory =
      open(("/proc/" + std::to_string(thread) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return "?";
  const ssize_t n =
      pread(memory, text, sizeof text - 1, static_cast<off_t>(arguments[named ? 1 : 0]));
  close(memory);
  return n > 0 ? std::string(static_cast<const char*>(text)) : "?";
}
