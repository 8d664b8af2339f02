// attempts: what a running process may do, tried in its place.
//
//   attempts PID OTHER FOLDER PORT SOCKET
//
// Each act is a system call that PID makes (inside.h says how). OTHER is a process of the same
// user; FOLDER holds `file`, `moved` and `gone`, and all of it belongs to that user; PORT is open
// on 127.0.0.1, SOCKET a socket with a name. So nothing but PID's own confinement stands against an
// act. A line an act on standard output: its name, a tab, and `done`, or the name of the error.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#include "tests/confinement/inside.h"

namespace {

struct Scene {
  pid_t other;
  std::string folder;
  std::uint16_t port;
  std::string socket;

  [[nodiscard]] std::string in_folder(const char* name) const { return folder + "/" + name; }
  [[nodiscard]] std::string of_other(const char* name) const {
    return "/proc/" + std::to_string(other) + "/" + name;
  }
};

using Act = long (*)(Inside&, const Scene&);

long open_path(Inside& in, const std::string& path, int flags) {
  const long fd = in.call(SYS_openat, AT_FDCWD, in.place(path), flags, 0600);
  if (fd >= 0) in.call(SYS_close, fd);
  return fd;
}

long open_socket(Inside& in, int family, int type, int protocol = 0) {
  const long fd = in.call(SYS_socket, family, type | SOCK_NONBLOCK, protocol);
  if (fd >= 0) in.call(SYS_close, fd);
  return fd;
}

template <class Address>
long with_address(Inside& in, long call, int family, const Address& address, size_t size) {
  const long fd = in.call(SYS_socket, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  const long result = in.call(call, fd, in.place(&address, size), size);
  in.call(SYS_close, fd);
  return result == -EINPROGRESS || result == -ECONNREFUSED ? 0 : result;
}

sockaddr_in here(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_un named(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

long read_memory(Inside& in, const Scene& scene) {
  char byte = 0;
  const iovec ours{reinterpret_cast<void*>(in.place(&byte, 1)), 1};
  const iovec theirs{nullptr, 1};
  const unsigned long long to = in.place(&ours, sizeof ours);
  const long got =
      in.call(SYS_process_vm_readv, scene.other, to, 1, in.place(&theirs, sizeof theirs), 1, 0);
  return got == -EFAULT ? 0 : got; // it was allowed to look
}

long map(Inside& in, int protection) {
  const long at = in.call(SYS_mmap, 0, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at > 0 || at < -4095) in.call(SYS_munmap, at, 4096);
  return at < 0 && at >= -4095 ? at : 0;
}

long make_executable(Inside& in, const Scene&) {
  const long at =
      in.call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const long done = in.call(SYS_mprotect, at, 4096, PROT_READ | PROT_EXEC);
  in.call(SYS_munmap, at, 4096);
  return done;
}

long execute(Inside& in, const Scene&) {
  const unsigned long long path = in.place("/bin/true");
  const unsigned long long arguments[2] = {path, 0};
  return in.call(SYS_execve, path, in.place(arguments, sizeof arguments), 0);
}

struct Row {
  const char* name;
  Act act;
};

// "execute a program" comes last: where it is allowed, the process is another one afterwards, in
// which nothing can be restored.
constexpr Row kRows[] = {
    {"read a file",
     [](Inside& in, const Scene& s) { return open_path(in, s.in_folder("file"), O_RDONLY); }},
    {"read /etc/passwd",
     [](Inside& in, const Scene&) { return open_path(in, "/etc/passwd", O_RDONLY); }},
    {"read /etc/resolv.conf",
     [](Inside& in, const Scene&) { return open_path(in, "/etc/resolv.conf", O_RDONLY); }},
    {"read the configuration",
     [](Inside& in, const Scene&) { return open_path(in, "/etc/waypost/snapshot", O_RDONLY); }},
    {"list a folder",
     [](Inside& in, const Scene& s) { return open_path(in, s.folder, O_RDONLY | O_DIRECTORY); }},
    {"read another's memory by name",
     [](Inside& in, const Scene& s) { return open_path(in, s.of_other("mem"), O_RDONLY); }},
    {"read another's environment",
     [](Inside& in, const Scene& s) { return open_path(in, s.of_other("environ"), O_RDONLY); }},
    {"write a file",
     [](Inside& in, const Scene& s) { return open_path(in, s.in_folder("file"), O_WRONLY); }},
    {"create a file",
     [](Inside& in, const Scene& s) {
       return open_path(in, s.in_folder("new"), O_WRONLY | O_CREAT);
     }},
    {"create a file without a name",
     [](Inside& in, const Scene& s) { return open_path(in, s.folder, O_TMPFILE | O_RDWR); }},
    {"truncate a file",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_truncate, in.place(s.in_folder("file")), 0);
     }},
    {"link a file",
     [](Inside& in, const Scene& s) {
       const unsigned long long from = in.place(s.in_folder("file"));
       return in.call(SYS_linkat, AT_FDCWD, from, AT_FDCWD, in.place(s.in_folder("linked")), 0);
     }},
    {"rename a file",
     [](Inside& in, const Scene& s) {
       const unsigned long long from = in.place(s.in_folder("moved"));
       return in.call(SYS_renameat, AT_FDCWD, from, AT_FDCWD, in.place(s.in_folder("renamed")));
     }},
    {"unlink a file",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_unlinkat, AT_FDCWD, in.place(s.in_folder("gone")), 0);
     }},
    {"make a symbolic link",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_symlinkat, in.place("/etc"), AT_FDCWD, in.place(s.in_folder("symbolic")));
     }},
    {"make a folder",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_mkdirat, AT_FDCWD, in.place(s.in_folder("made")), 0700);
     }},
    {"make a pipe with a name",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_mknodat, AT_FDCWD, in.place(s.in_folder("fifo")), S_IFIFO | 0600, 0);
     }},
    {"change a mode",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_fchmodat, AT_FDCWD, in.place(s.in_folder("file")), 0666);
     }},
    {"change an owner",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_fchownat, AT_FDCWD, in.place(s.in_folder("file")), -1, -1, 0);
     }},
    {"set an extended attribute",
     [](Inside& in, const Scene& s) {
       const unsigned long long path = in.place(s.in_folder("file"));
       const unsigned long long name = in.place("user.waypost");
       return in.call(SYS_setxattr, path, name, in.place("1"), 1, 0);
     }},
    {"signal another process",
     [](Inside& in, const Scene& s) { return in.call(SYS_kill, s.other, 0); }},
    {"signal another's thread",
     [](Inside& in, const Scene& s) { return in.call(SYS_tgkill, s.other, s.other, 0); }},
    {"trace another process",
     [](Inside& in, const Scene& s) { return in.call(SYS_ptrace, PTRACE_SEIZE, s.other, 0, 0); }},
    {"read another's memory", read_memory},
    {"hold another process",
     [](Inside& in, const Scene& s) { return in.call(SYS_pidfd_open, s.other, 0); }},
    {"limit another process",
     [](Inside& in, const Scene& s) { return in.call(SYS_prlimit64, s.other, RLIMIT_CORE, 0, 0); }},
    {"compare with another process",
     [](Inside& in, const Scene& s) { return in.call(SYS_kcmp, s.other, s.other, 0, 0, 0); }},
    {"set another's priority",
     [](Inside& in, const Scene& s) {
       return in.call(SYS_setpriority, PRIO_PROCESS, s.other, 19);
     }},
    {"a TCP socket",
     [](Inside& in, const Scene&) { return open_socket(in, AF_INET, SOCK_STREAM); }},
    {"a UDP socket",
     [](Inside& in, const Scene&) { return open_socket(in, AF_INET6, SOCK_DGRAM); }},
    {"a local socket",
     [](Inside& in, const Scene&) { return open_socket(in, AF_UNIX, SOCK_STREAM); }},
    {"a netlink socket",
     [](Inside& in, const Scene&) { return open_socket(in, AF_NETLINK, SOCK_RAW); }},
    {"connect to a strange port",
     [](Inside& in, const Scene& s) {
       return with_address(in, SYS_connect, AF_INET, here(s.port), sizeof(sockaddr_in));
     }},
    {"connect to the mail port",
     [](Inside& in, const Scene&) {
       return with_address(in, SYS_connect, AF_INET, here(25), sizeof(sockaddr_in));
     }},
    {"connect to a local socket",
     [](Inside& in, const Scene& s) {
       return with_address(in, SYS_connect, AF_UNIX, named(s.socket), sizeof(sockaddr_un));
     }},
    {"pass for a TCP server",
     [](Inside& in, const Scene&) {
       return with_address(in, SYS_bind, AF_INET, here(40'000), sizeof(sockaddr_in));
     }},
    {"fork", [](Inside& in, const Scene&) { return in.call(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"fork into a namespace",
     [](Inside& in, const Scene&) {
       return in.call(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
     }},
    {"unshare a namespace",
     [](Inside& in, const Scene&) { return in.call(SYS_unshare, CLONE_FS); }},
    {"map writable, executable memory",
     [](Inside& in, const Scene&) { return map(in, PROT_READ | PROT_WRITE | PROT_EXEC); }},
    {"make memory executable", make_executable},
    {"a file in memory",
     [](Inside& in, const Scene&) { return in.call(SYS_memfd_create, in.place("x"), 0); }},
    {"be dumpable",
     [](Inside& in, const Scene&) { return in.call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0); }},
    {"be traced by all",
     [](Inside& in, const Scene&) {
       return in.call(SYS_prctl, PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
     }},
    {"another personality",
     [](Inside& in, const Scene&) { return in.call(SYS_personality, 0xFFFFFFFF); }},
    {"io_uring",
     [](Inside& in, const Scene&) {
       const char parameters[256] = {};
       return in.call(SYS_io_uring_setup, 1, in.place(parameters, sizeof parameters));
     }},
    {"a key", [](Inside& in, const Scene&) { return in.call(SYS_keyctl, 0, -3, 0, 0, 0); }},
    {"watch a folder", [](Inside& in, const Scene&) { return in.call(SYS_inotify_init1, 0); }},
    {"be another user",
     [](Inside& in, const Scene&) { return in.call(SYS_setresuid, -1, -1, -1); }},
    {"change the root",
     [](Inside& in, const Scene& s) { return in.call(SYS_chroot, in.place(s.folder)); }},
    {"mount",
     [](Inside& in, const Scene& s) {
       const unsigned long long type = in.place("tmpfs");
       return in.call(SYS_mount, type, in.place(s.folder), type, 0, 0);
     }},
    {"load a program into the kernel",
     [](Inside& in, const Scene&) { return in.call(SYS_bpf, 0, 0, 0); }},
    {"trace the kernel",
     [](Inside& in, const Scene&) { return in.call(SYS_perf_event_open, 0, 0, -1, -1, 0); }},
    {"execute a program", execute},
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: attempts PID OTHER FOLDER PORT SOCKET\n", stderr);
    return 100;
  }
  const Scene scene{std::atoi(argv[2]), argv[3], static_cast<std::uint16_t>(std::atoi(argv[4])),
                    argv[5]};
  Inside inside(std::atoi(argv[1]));
  for (const Row& row : kRows) {
    const long result = row.act(inside, scene);
    const bool failed = result < 0 && result >= -4095;
    std::printf("%s\t%s\n", row.name, failed ? strerrorname_np(static_cast<int>(-result)) : "done");
    if (row.act == execute && !failed) inside.end();
  }
  return 0;
}
