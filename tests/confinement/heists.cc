// heists: what a stranger in the place of a running program would try first.
//
//   heists PID SIBLING PATH...
//
// PID makes the calls (inside.h), with its user, descriptors and confinement. SIBLING is another
// process of the running waypost; the PATHs are files that the machine really has: a message in the
// queue, a key, a sealed password. And every descriptor that PID holds is tried for more than it
// was given for: a file to be written to that was opened for reading, a folder to be climbed out
// of. A line an act on standard output: its name, a tab, and `done`, or the name of the error.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <dirent.h>
#include <fcntl.h>
#include <vector>

#include "tests/confinement/inside.h"

namespace {

void tell(const std::string& act, long result) {
  const bool failed = result < 0 && result >= -4095;
  std::printf("%s\t%s\n", act.c_str(),
              failed ? strerrorname_np(static_cast<int>(-result)) : "done");
}

long open_at(Inside& in, int folder, const std::string& path, int flags) {
  const long fd = in.call(SYS_openat, folder, in.place(path), flags, 0);
  if (fd >= 0) in.call(SYS_close, fd);
  return fd;
}

long read_memory(Inside& in, pid_t other) {
  char byte = 0;
  const std::uint64_t ours[2] = {in.place(&byte, 1), 1}; // an iovec there
  const std::uint64_t theirs[2] = {0, 1};
  const unsigned long long to = in.place(ours, sizeof ours);
  const unsigned long long from = in.place(theirs, sizeof theirs);
  const long got = in.call(SYS_process_vm_readv, other, to, 1, from, 1, 0);
  return got == -EFAULT ? 0 : got; // it was allowed to look
}

long knock(Inside& in, const char* path) {
  const long fd = in.call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const long result = in.call(SYS_connect, fd, in.place(&address, sizeof address), sizeof address);
  in.call(SYS_close, fd);
  return result;
}

void against_sibling(Inside& in, pid_t sibling) {
  const std::string folder = "/proc/" + std::to_string(sibling);
  tell("read a sibling's memory", read_memory(in, sibling));
  tell("open a sibling's memory", open_at(in, AT_FDCWD, folder + "/mem", O_RDONLY));
  tell("open a sibling's descriptor", open_at(in, AT_FDCWD, folder + "/fd" + "/0", O_RDONLY));
  tell("trace a sibling", in.call(SYS_ptrace, PTRACE_SEIZE, sibling, 0, 0));
  tell("signal a sibling", in.call(SYS_kill, sibling, SIGCONT));
  tell("signal a sibling's thread", in.call(SYS_tgkill, sibling, sibling, SIGCONT));
  tell("take hold of a sibling", in.call(SYS_pidfd_open, sibling, 0));
  tell("starve a sibling", in.call(SYS_prlimit64, sibling, 7 /* RLIMIT_NOFILE */, 0, 0));
}

std::vector<int> descriptors_of(pid_t process) {
  std::vector<int> found;
  DIR* const folder = opendir(("/proc/" + std::to_string(process) + "/fd").c_str());
  if (folder == nullptr) return found;
  while (const dirent* entry = readdir(folder))
    if (entry->d_name[0] != '.') found.push_back(std::atoi(entry->d_name));
  closedir(folder);
  return found;
}

bool only_for_reading(pid_t process, const std::string& fd) {
  const std::string path = "/proc/" + std::to_string(process) + "/fdinfo/" + fd;
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  long position = 0;
  unsigned flags = O_RDWR;
  const int found = std::fscanf(file, "pos: %ld flags: %o", &position, &flags);
  std::fclose(file);
  return found == 2 && (flags & O_ACCMODE) == O_RDONLY;
}

void by_descriptors(Inside& in, pid_t process) {
  for (const int fd : descriptors_of(process)) {
    const std::string number = std::to_string(fd);
    struct stat status{};
    if (stat(("/proc/" + std::to_string(process) + "/fd/" + number).c_str(), &status) != 0)
      continue;
    if (S_ISREG(status.st_mode) && only_for_reading(process, number))
      tell("write to the file that is descriptor " + number,
           open_at(in, AT_FDCWD, "/proc/self/fd/" + number, O_RDWR));
    if (S_ISDIR(status.st_mode))
      tell("climb out of the folder that is descriptor " + number,
           open_at(in, fd, "../../../../../etc/shadow", O_RDONLY));
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: heists PID SIBLING PATH...\n", stderr);
    return 100;
  }
  const pid_t process = std::atoi(argv[1]);
  Inside inside(process);
  for (int i = 3; i < argc; ++i) {
    tell(std::string("read ") + argv[i], open_at(inside, AT_FDCWD, argv[i], O_RDONLY));
    tell(std::string("read by way of the root ") + argv[i],
         open_at(inside, AT_FDCWD, std::string("/proc/self/root") + argv[i], O_RDONLY));
  }
  against_sibling(inside, std::atoi(argv[2]));
  tell("talk to the manager as a command does", knock(inside, "/run/waypost/control"));
  by_descriptors(inside, process);
  return 0;
}
