// skeleton-queue: the least that waypost-queue can be, to measure the real one against.
//
// It makes the same system calls for one message (O_TMPFILE, write, linkat, fsync of file and
// directory) and nothing else: no checks, no Received, no line ends, no checksum. SKELETON_SPOOL
// names the directory.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <sys/random.h>
#include <unistd.h>

namespace {

constexpr int kFailed = 53;
constexpr std::size_t kHead = 512; // as waypost-spool(5) has it

bool copy(int from, int to) {
  static std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0) return false;
    if (got == 0) return true;
    if (::write(to, buffer.data(), static_cast<std::size_t>(got)) != got) return false;
  }
}

bool write_head(int file) {
  static const std::array<char, kHead> head = {"SKELETON"};
  return ::pwrite(file, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size());
}

std::array<char, 64> new_name() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  unsigned long random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) std::_Exit(kFailed);
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%lx%08lx%016lx", now.tv_sec, now.tv_nsec, random);
  return name;
}

bool give_name(int file, int directory) {
  std::array<char, 32> unnamed{};
  std::snprintf(unnamed.data(), unnamed.size(), "/proc/self/fd/%d", file);
  return linkat(AT_FDCWD, unnamed.data(), directory, new_name().data(), AT_SYMLINK_FOLLOW) == 0;
}

} // namespace

int main() {
  const char* spool = std::getenv("SKELETON_SPOOL");
  if (spool == nullptr) return kFailed;
  const int directory = ::open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return kFailed;
  const int file = ::openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0 || ::lseek(file, kHead, SEEK_SET) < 0) return kFailed;
  if (!copy(0, file) || !copy(1, file) || !write_head(file)) return kFailed;
  if (!give_name(file, directory)) return kFailed;
  if (fsync(file) < 0 || fsync(directory) < 0) return kFailed;
  return 0;
}
