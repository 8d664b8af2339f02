#include "lib/sys/fs.h"

#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <limits>
#include <sys/statfs.h>

namespace waypost {
namespace {

// Repeats a system call while a signal interrupts it.
template <class Call>
auto retry(Call call) {
  auto n = call();
  while (n < 0 && errno == EINTR)
    n = call();
  return n;
}

Result<> done(int n, std::string_view what) {
  if (n < 0) return fail_errno(what);
  return {};
}

std::string about(std::string_view call, const std::string& name) {
  std::string text(call);
  text += ' ';
  text += name;
  return text;
}

} // namespace

Result<Fd> RealFs::open_at(int dir, const std::string& name, int flags, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir, name.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return fail_errno(about("open", name));
  return Fd(fd);
}

Result<Fd> RealFs::open_unnamed(int dir, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode); });
  if (fd < 0) return fail_errno("open a file without a name");
  return Fd(fd);
}

Result<> RealFs::link_at(int fd, int dir, const std::string& name) {
  // /proc first: AT_EMPTY_PATH asks for CAP_DAC_READ_SEARCH on kernels before 6.10.
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (::linkat(AT_FDCWD, path, dir, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
  const int first = errno;
  if (first == EEXIST || first == ENOSPC || first == EDQUOT || first == EIO) {
    return fail_errno(about("link", name), first);
  }
  return done(::linkat(fd, "", dir, name.c_str(), AT_EMPTY_PATH), about("link", name));
}

Result<> RealFs::rename_at(int from, const std::string& old_name, int to,
                           const std::string& new_name) {
  return done(::renameat(from, old_name.c_str(), to, new_name.c_str()), about("rename", old_name));
}

Result<> RealFs::unlink_at(int dir, const std::string& name) {
  return done(::unlinkat(dir, name.c_str(), 0), about("unlink", name));
}

Result<> RealFs::make_directory(int dir, const std::string& name, mode_t mode) {
  return done(::mkdirat(dir, name.c_str(), mode), about("mkdir", name));
}

Result<> RealFs::write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (n < 0) return fail_errno("write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> RealFs::write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n =
        retry([&] { return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (n < 0) return fail_errno("write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<std::size_t> RealFs::read_at(int fd, std::span<char> bytes, std::uint64_t offset) {
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = retry([&] {
      return ::pread(fd, bytes.data() + have, bytes.size() - have,
                     static_cast<off_t>(offset + have));
    });
    if (n < 0) return fail_errno("read");
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  return have;
}

Result<> RealFs::truncate(int fd, std::uint64_t length) {
  return done(retry([&] { return ::ftruncate(fd, static_cast<off_t>(length)); }), "truncate");
}

// A failed sync is never retried: after it the kernel may have dropped the pages that it could not
// write.
Result<> RealFs::sync(int fd) {
  return done(::fsync(fd), "fsync");
}

Result<> RealFs::sync_data(int fd) {
  return done(::fdatasync(fd), "fdatasync");
}

Result<struct stat> RealFs::status(int fd) {
  struct stat st{};
  if (::fstat(fd, &st) < 0) return fail_errno("fstat");
  return st;
}

Result<FreeSpace> RealFs::free_space(int fd) {
  struct statfs fs{};
  if (retry([&] { return ::fstatfs(fd, &fs); }) < 0) return fail_errno("statfs");
  const auto unit = static_cast<std::uint64_t>(fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize);
  FreeSpace space;
  space.type = fs.f_type;
  space.bytes_free = static_cast<std::uint64_t>(fs.f_bavail) * unit;
  space.bytes_total = static_cast<std::uint64_t>(fs.f_blocks) * unit;
  // btrfs reports no inodes at all, which does not mean that none are left.
  space.inodes_free = fs.f_files == 0 ? std::numeric_limits<std::uint64_t>::max() : fs.f_ffree;
  return space;
}

Result<> RealFs::list(int dir, const std::function<bool(const char*)>& each) {
  const int own = retry([&] { return ::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (own < 0) return fail_errno("open a directory");
  DIR* stream = ::fdopendir(own);
  if (stream == nullptr) {
    const int code = errno;
    ::close(own);
    return fail_errno("open a directory", code);
  }
  errno = 0;
  for (const dirent* entry = ::readdir(stream); entry != nullptr; entry = ::readdir(stream)) {
    const bool dots = std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0;
    if (!dots && !each(entry->d_name)) break;
    errno = 0;
  }
  const int code = errno;
  ::closedir(stream);
  if (code != 0) return fail_errno("read a directory", code);
  return {};
}

} // namespace waypost
