// MboxLock: the lock that every Debian program takes before it changes a mailbox (Debian policy
// 11.6): fcntl(2) first, then a file NAME.lock beside it, each without waiting while the other is
// held, so that two programs cannot block each other.
#pragma once

#include <string>

#include "lib/sys/clock.h"
#include "lib/sys/fs.h"

namespace waypost::local {

enum class DotLock : std::uint8_t {
  needed,
  where_possible, // a folder that we may not write: fcntl(2) alone must do
};

class MboxLock {
public:
  // Tries for `patience_ms`. A lock file older than five minutes was left behind by a crash.
  [[nodiscard]] static Result<MboxLock> take(Fs& fs, const Clock& clock, int file, int folder,
                                             const std::string& name, DotLock dot,
                                             BootMs patience_ms);
  MboxLock(MboxLock&& other) noexcept;
  MboxLock& operator=(MboxLock&&) = delete;
  MboxLock(const MboxLock&) = delete;
  MboxLock& operator=(const MboxLock&) = delete;
  ~MboxLock(); // gives it back; the fcntl lock goes with the file's descriptor

private:
  MboxLock(Fs& fs, int folder, std::string lock_file)
      : fs_(&fs),
        folder_(folder),
        lock_file_(std::move(lock_file)) {}

  Fs* fs_;
  int folder_;
  std::string lock_file_; // empty: there is none
};

} // namespace waypost::local
