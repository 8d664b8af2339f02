#include "local/mbox_lock.h"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace waypost::local {
namespace {

constexpr std::int64_t kStaleSeconds = 300; // as liblockfile has it
constexpr unsigned kRetryUs = 100'000;

bool lock_region(int file) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file, F_SETLK, &whole) == 0;
}

void unlock_region(int file) {
  struct flock whole{};
  whole.l_type = F_UNLCK;
  whole.l_whence = SEEK_SET;
  ::fcntl(file, F_SETLK, &whole);
}

// O_EXCL is safe on NFS since its third version.
Result<> make_lock_file(Fs& fs, int folder, const std::string& name) {
  const Result<Fd> made = fs.open_at(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0444);
  if (!made) return std::unexpected(made.error());
  static_cast<void>(fs.write_all(made->get(), std::to_string(::getpid()) + "\n"));
  return {};
}

void remove_if_stale(Fs& fs, const Clock& clock, int folder, const std::string& name) {
  const Result<Fd> file = fs.open_at(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  const Result<struct stat> status = file ? fs.status(file->get()) : fail("gone");
  if (!status || !S_ISREG(status->st_mode)) return;
  if (status->st_mtim.tv_sec + kStaleSeconds < clock.wall_us() / 1'000'000)
    static_cast<void>(fs.unlink_at(folder, name));
}

bool not_ours_to_write(const Error& error) {
  return error.code == EACCES || error.code == EPERM || error.code == EROFS;
}

} // namespace

Result<MboxLock> MboxLock::take(Fs& fs, const Clock& clock, int file, int folder,
                                const std::string& name, DotLock dot, BootMs patience_ms) {
  const std::string lock_file = name + ".lock";
  const BootMs until = clock.boot_ms() + patience_ms;
  for (;;) {
    if (lock_region(file)) {
      const Result<> made = make_lock_file(fs, folder, lock_file);
      if (made) return MboxLock(fs, folder, lock_file);
      if (dot == DotLock::where_possible && not_ours_to_write(made.error()))
        return MboxLock(fs, folder, {});
      // Under the other lock: of two of us, the second must not remove what the first has made.
      const bool held = made.error().code == EEXIST;
      if (held) remove_if_stale(fs, clock, folder, lock_file);
      unlock_region(file);
      if (!held) return std::unexpected(made.error());
    }
    if (clock.boot_ms() >= until) return fail("another program keeps the mailbox locked");
    ::usleep(kRetryUs);
  }
}

MboxLock::MboxLock(MboxLock&& other) noexcept
    : fs_(other.fs_),
      folder_(other.folder_),
      lock_file_(std::exchange(other.lock_file_, {})) {}

MboxLock::~MboxLock() {
  if (!lock_file_.empty()) static_cast<void>(fs_->unlink_at(folder_, lock_file_));
}

} // namespace waypost::local
