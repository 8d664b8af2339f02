// Fs: what waypost asks of a file system, as a value that tests can replace.
//
// Each function is one system call (EINTR is retried, short reads and writes are completed), so a
// test that fails, drops or counts calls sees exactly what the disk would see. Errors carry errno.
// Descriptors that are returned are close-on-exec. RealFs has no state and may be used from any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

struct FreeSpace {
  std::int64_t type = 0;        // the file system's magic number, statfs(2)
  std::uint64_t bytes_free = 0; // available to an ordinary user
  std::uint64_t bytes_total = 0;
  std::uint64_t inodes_free = 0; // all ones where the file system does not count them
};

class Fs {
public:
  Fs() = default;
  Fs(const Fs&) = default;
  Fs& operator=(const Fs&) = default;
  virtual ~Fs() = default;

  virtual Result<Fd> open_at(int dir, const std::string& name, int flags, mode_t mode) = 0;
  // A file without a name in `dir` (O_TMPFILE), open for reading and writing.
  virtual Result<Fd> open_unnamed(int dir, mode_t mode) = 0;
  // Gives an unnamed file its name; EEXIST when the name is taken, which is never replaced.
  virtual Result<> link_at(int fd, int dir, const std::string& name) = 0;
  virtual Result<> rename_at(int from, const std::string& old_name, int to,
                             const std::string& new_name) = 0;
  virtual Result<> unlink_at(int dir, const std::string& name) = 0;
  virtual Result<> make_directory(int dir, const std::string& name, mode_t mode) = 0;
  virtual Result<> write_all(int fd, std::string_view bytes) = 0;
  virtual Result<> write_at(int fd, std::string_view bytes, std::uint64_t offset) = 0;
  // Up to bytes.size(), less only at the end of the file.
  virtual Result<std::size_t> read_at(int fd, std::span<char> bytes, std::uint64_t offset) = 0;
  virtual Result<> truncate(int fd, std::uint64_t length) = 0;
  virtual Result<> sync(int fd) = 0;      // fsync
  virtual Result<> sync_data(int fd) = 0; // fdatasync: never for a file that has just been named
  virtual Result<struct stat> status(int fd) = 0;
  virtual Result<FreeSpace> free_space(int fd) = 0;
  // Calls `each` with every name in the directory but "." and "..", in no order; stops when it
  // returns false.
  virtual Result<> list(int dir, const std::function<bool(const char*)>& each) = 0;
};

class RealFs final : public Fs {
public:
  Result<Fd> open_at(int dir, const std::string& name, int flags, mode_t mode) override;
  Result<Fd> open_unnamed(int dir, mode_t mode) override;
  Result<> link_at(int fd, int dir, const std::string& name) override;
  Result<> rename_at(int from, const std::string& old_name, int to,
                     const std::string& new_name) override;
  Result<> unlink_at(int dir, const std::string& name) override;
  Result<> make_directory(int dir, const std::string& name, mode_t mode) override;
  Result<> write_all(int fd, std::string_view bytes) override;
  Result<> write_at(int fd, std::string_view bytes, std::uint64_t offset) override;
  Result<std::size_t> read_at(int fd, std::span<char> bytes, std::uint64_t offset) override;
  Result<> truncate(int fd, std::uint64_t length) override;
  Result<> sync(int fd) override;
  Result<> sync_data(int fd) override;
  Result<struct stat> status(int fd) override;
  Result<FreeSpace> free_space(int fd) override;
  Result<> list(int dir, const std::function<bool(const char*)>& each) override;
};

} // namespace waypost
