// What a kill -9 of the manager at any of its calls needs: a file system that ends the process at
// the nth one, a process to end, and a ledger that outlives it.
#pragma once

#include <sys/wait.h>

#include "tests/unit/queue-manager/queue_rig.h"

namespace waypost::test {

inline constexpr int kKilled = 77;

// What reached the outside, kept in a file: it must outlive the manager.
inline void note(const SpoolFolder& folder, const std::string& line) {
  const Fd fd(::open((folder.path() + "/ledger").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  const std::string whole = line + "\n";
  cr_assert_eq(::write(fd.get(), whole.data(), whole.size()), static_cast<ssize_t>(whole.size()));
}

// The real file system, until the process dies at the nth call that changes something.
class KillFs final : public Fs {
public:
  KillFs(const SpoolFolder& folder, int at) : folder_(folder), left_(at) {}
  Result<Fd> open_at(int dir, const std::string& name, int flags, mode_t mode) override {
    return real_.open_at(dir, name, flags, mode);
  }
  Result<Fd> open_unnamed(int dir, mode_t mode) override { return real_.open_unnamed(dir, mode); }
  Result<> link_at(int fd, int dir, const std::string& name) override {
    return around([&] {
      Result<> linked = real_.link_at(fd, dir, name);
      if (linked) note(folder_, "created " + name);
      return linked;
    });
  }
  Result<> rename_at(int from, const std::string& a, int to, const std::string& b) override {
    return around([&] { return real_.rename_at(from, a, to, b); });
  }
  Result<> unlink_at(int dir, const std::string& name) override {
    return around([&] { return real_.unlink_at(dir, name); });
  }
  Result<> make_directory(int dir, const std::string& name, mode_t mode) override {
    return real_.make_directory(dir, name, mode);
  }
  Result<> write_all(int fd, std::string_view bytes) override {
    return around([&] { return real_.write_all(fd, bytes); });
  }
  Result<> write_at(int fd, std::string_view bytes, std::uint64_t offset) override {
    // Half of a write may have happened.
    return around(
        [&] { return real_.write_at(fd, bytes, offset); },
        [&] { static_cast<void>(real_.write_at(fd, bytes.substr(0, bytes.size() / 2), offset)); });
  }
  Result<std::size_t> read_at(int fd, std::span<char> bytes, std::uint64_t offset) override {
    return real_.read_at(fd, bytes, offset);
  }
  Result<> truncate(int fd, std::uint64_t length) override {
    return around([&] { return real_.truncate(fd, length); });
  }
  Result<> sync(int) override {
    return around([] { return Result<>(); });
  }
  Result<> sync_data(int) override {
    return around([] { return Result<>(); });
  }
  Result<struct stat> status(int fd) override { return real_.status(fd); }
  Result<FreeSpace> free_space(int fd) override { return real_.free_space(fd); }
  Result<> list(int dir, const std::function<bool(const char*)>& each) override {
    return real_.list(dir, each);
  }

private:
  template <class Call>
  Result<> around(Call call) {
    return around(call, [] {});
  }
  template <class Call, class Partly>
  Result<> around(Call call, Partly partly) {
    if (--left_ == 0) {
      partly();
      ::_exit(kKilled);
    }
    return call();
  }
  const SpoolFolder& folder_;
  RealFs real_;
  int left_; // calls; never when it begins below 1
};

// Runs `body` in a process of its own; its exit code.
template <class Body>
int apart(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// What a manager that died at its call number `at` and the one after it have left behind.
struct Remains {
  const SpoolFolder& folder;
  const std::string ledger;
  const int at;
  const bool killed; // false: it has no such call, and ended by itself
};

// A spool for each call: live(fs, folder, true) is killed at it, live(fs, folder, false) goes on,
// and judge(remains) says what must hold. How many calls were tried, the last one in vain.
template <class Live, class Judge>
int kill_at_every_call(Live live, Judge judge) {
  int at = 0;
  for (bool killed = true; killed;) {
    ++at;
    SpoolFolder folder;
    const int code = apart([&] {
      KillFs fs(folder, at);
      live(fs, folder, true);
    });
    cr_assert(code == 0 || code == kKilled, "call %d: exit %d", at, code);
    killed = code == kKilled;
    const int after = apart([&] {
      KillFs fs(folder, -1);
      live(fs, folder, false);
    });
    cr_assert_eq(after, 0, "after call %d: exit %d", at, after);
    judge(Remains{folder, folder.read("/ledger"), at, killed});
  }
  return at;
}

} // namespace waypost::test
