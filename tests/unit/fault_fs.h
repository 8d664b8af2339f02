// FaultFs: a file system that fails when told to, and forgets what was not synced.
//
// It passes every call on to the real one, in a folder of the test's own, and
//   - keeps a log of the calls ("open new/", "write", "link ID", "sync"), so that a test can state
//     an order;
//   - fails the Nth call, counted from 1, with an errno: fail_call(3, ENOSPC); or every call of a
//     name from the Nth of that name on: fail("sync", 2, EIO);
//   - after crash() the folders hold what a power cut may leave: names as of the last sync of
//     their folder, and of each file the bytes of its last sync (none when it was never synced).
//     Crash::keep_names models a journal that was written early: all names, only synced bytes.
//
// What stood in a folder when it was first used counts as synced. Files are small: their synced
// bytes are kept in memory. Not for threads.
#pragma once

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/sys/fs.h"

namespace waypost::test {

enum class Crash : std::uint8_t { forget, keep_names, keep_all };

class FaultFs final : public Fs {
public:
  // ---- what a test sets and asks ----
  void fail_call(int n, int code) { by_number_[n] = code; }
  void fail(const std::string& call, int from, int code) { by_name_[call] = {from, code}; }
  void heal() {
    by_number_.clear();
    by_name_.clear();
  }
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
  [[nodiscard]] int calls() const { return calls_; }
  void forget_log() {
    log_.clear();
    calls_ = 0;
    named_.clear();
  }
  // The power goes. Descriptors that the program holds must not be used afterwards.
  void crash(Crash how) {
    if (how == Crash::keep_all) return;
    for (auto& [inode, folder] : folders_)
      restore(folder, how);
    files_.clear();
    folders_.clear();
  }

  // ---- Fs ----
  Result<Fd> open_at(int dir, const std::string& name, int flags, mode_t mode) override {
    if (const int code = count("open", name)) return fail_errno("open " + name, code);
    if ((flags & O_CREAT) != 0) watch(dir);
    Result<Fd> fd = real_.open_at(dir, name, flags, mode);
    if (fd && (flags & O_CREAT) != 0) born(fd->get());
    return fd;
  }
  Result<Fd> open_unnamed(int dir, mode_t mode) override {
    if (const int code = count("open_unnamed", "")) return fail_errno("open", code);
    watch(dir);
    Result<Fd> fd = real_.open_unnamed(dir, mode);
    if (fd) born(fd->get());
    return fd;
  }
  Result<> link_at(int fd, int dir, const std::string& name) override {
    if (const int code = count("link", name)) return fail_errno("link " + name, code);
    watch(dir);
    return real_.link_at(fd, dir, name);
  }
  Result<> rename_at(int from, const std::string& old_name, int to,
                     const std::string& new_name) override {
    if (const int code = count("rename", old_name + " " + new_name))
      return fail_errno("rename " + old_name, code);
    watch(from);
    watch(to);
    return real_.rename_at(from, old_name, to, new_name);
  }
  Result<> unlink_at(int dir, const std::string& name) override {
    if (const int code = count("unlink", name)) return fail_errno("unlink " + name, code);
    watch(dir);
    return real_.unlink_at(dir, name);
  }
  Result<> make_directory(int dir, const std::string& name, mode_t mode) override {
    if (const int code = count("mkdir", name)) return fail_errno("mkdir " + name, code);
    return real_.make_directory(dir, name, mode);
  }
  Result<> write_all(int fd, std::string_view bytes) override {
    if (const int code = count("write", "")) {
      // A full disk takes what still fits.
      [[maybe_unused]] const auto some = real_.write_all(fd, bytes.substr(0, bytes.size() / 2));
      return fail_errno("write", code);
    }
    return real_.write_all(fd, bytes);
  }
  Result<> write_at(int fd, std::string_view bytes, std::uint64_t offset) override {
    if (const int code = count("write_at", "")) return fail_errno("write", code);
    remember(fd);
    return real_.write_at(fd, bytes, offset);
  }
  Result<std::size_t> read_at(int fd, std::span<char> bytes, std::uint64_t offset) override {
    if (const int code = count("read_at", "")) return fail_errno("read", code);
    return real_.read_at(fd, bytes, offset);
  }
  Result<> truncate(int fd, std::uint64_t length) override {
    if (const int code = count("truncate", "")) return fail_errno("truncate", code);
    remember(fd);
    return real_.truncate(fd, length);
  }
  Result<> sync(int fd) override {
    if (const int code = count("sync", "")) return fail_errno("fsync", code);
    settle(fd);
    return real_.sync(fd);
  }
  Result<> sync_data(int fd) override {
    if (const int code = count("sync_data", "")) return fail_errno("fdatasync", code);
    settle(fd);
    return real_.sync_data(fd);
  }
  Result<struct stat> status(int fd) override {
    if (const int code = count("status", "")) return fail_errno("fstat", code);
    return real_.status(fd);
  }
  Result<FreeSpace> free_space(int fd) override {
    if (const int code = count("free_space", "")) return fail_errno("statfs", code);
    Result<FreeSpace> space = real_.free_space(fd);
    if (space && pretended_) return *pretended_;
    return space;
  }
  Result<> list(int dir, const std::function<bool(const char*)>& each) override {
    if (const int code = count("list", "")) return fail_errno("list", code);
    return real_.list(dir, each);
  }
  // What free_space() says from now on.
  void pretend(const FreeSpace& space) { pretended_ = space; }

private:
  // One file, whatever its names: what a sync has made safe of it; none before the first one.
  struct File {
    std::optional<std::string> safe;
  };
  using FilePtr = std::shared_ptr<File>;
  struct Folder {
    std::string path;
    std::map<std::string, FilePtr> safe; // names as of the folder's last sync
  };
  struct Named {
    int from = 0;
    int code = 0;
  };

  // Logs the call; the errno that it shall fail with, or 0.
  int count(const std::string& call, const std::string& about) {
    log_.push_back(about.empty() ? call : call + " " + about);
    ++calls_;
    const int of_name = ++named_[call];
    if (const auto it = by_number_.find(calls_); it != by_number_.end()) return it->second;
    if (const auto it = by_name_.find(call); it != by_name_.end() && of_name >= it->second.from)
      return it->second.code;
    return 0;
  }

  static std::string path_of(int fd) {
    char path[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t n = ::readlink(link.c_str(), path, sizeof path);
    return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : std::string();
  }
  // Opened once more: the program's descriptor may be for writing alone.
  static std::string read_whole(int fd) {
    const Fd file(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes;
    char block[65536];
    for (;;) {
      const ssize_t n = ::pread(file.get(), block, sizeof block, static_cast<off_t>(bytes.size()));
      if (n <= 0) return bytes;
      bytes.append(block, static_cast<std::size_t>(n));
    }
  }
  static ino_t inode_of(int fd) {
    struct stat st{};
    ::fstat(fd, &st);
    return st.st_ino;
  }

  void born(int fd) { files_[inode_of(fd)] = std::make_shared<File>(); }

  // A file that was there before the test: its bytes are safe as they are now.
  FilePtr known(int fd) {
    FilePtr& file = files_[inode_of(fd)];
    if (!file) file = std::make_shared<File>(read_whole(fd));
    return file;
  }
  void remember(int fd) { known(fd); }

  std::map<std::string, FilePtr> names_in(const std::string& path) {
    std::map<std::string, FilePtr> names;
    const Fd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    [[maybe_unused]] const auto listed = real_.list(dir.get(), [&](const char* name) {
      const Fd file(::openat(dir.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      struct stat st{};
      if (file && ::fstat(file.get(), &st) == 0 && S_ISREG(st.st_mode))
        names[name] = known(file.get());
      return true;
    });
    return names;
  }

  Folder& watch(int dir) {
    const ino_t inode = inode_of(dir);
    const auto it = folders_.find(inode);
    if (it != folders_.end()) return it->second;
    Folder folder;
    folder.path = path_of(dir);
    folder.safe = names_in(folder.path);
    return folders_[inode] = std::move(folder);
  }

  void settle(int fd) {
    struct stat st{};
    ::fstat(fd, &st);
    if (S_ISDIR(st.st_mode)) {
      Folder& folder = watch(fd);
      folder.safe = names_in(folder.path);
    } else {
      files_[st.st_ino] = known(fd);
      files_[st.st_ino]->safe = read_whole(fd);
    }
  }

  void restore(const Folder& folder, Crash how) {
    auto after = folder.safe;
    const auto now = names_in(folder.path);
    if (how == Crash::keep_names) after = now;
    for (const auto& [name, file] : now)
      ::unlink((folder.path + "/" + name).c_str());
    for (const auto& [name, file] : after) {
      const Fd fd(::open((folder.path + "/" + name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
      const std::string bytes = file->safe.value_or("");
      [[maybe_unused]] const auto written = real_.write_all(fd.get(), bytes);
    }
  }

  RealFs real_;
  std::vector<std::string> log_;
  int calls_ = 0;
  std::map<std::string, int> named_;
  std::map<int, int> by_number_;
  std::map<std::string, Named> by_name_;
  std::map<ino_t, FilePtr> files_;
  std::map<ino_t, Folder> folders_;
  std::optional<FreeSpace> pretended_;
};

} // namespace waypost::test
