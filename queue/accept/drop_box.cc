#include "queue/accept/drop_box.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/magic.h>

namespace waypost::queue {
namespace {

constexpr std::uint64_t kLeastInodes = 100;

// File systems on which fsync does not mean that a power cut may come.
constexpr std::array<std::int64_t, 5> kUnsafe{
    TMPFS_MAGIC, RAMFS_MAGIC, NFS_SUPER_MAGIC,
    0xFF534D42, // CIFS
    0xFE534D42, // SMB2
};

Result<Fd> open_folder(Fs& fs, const std::string& path) {
  return fs.open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

} // namespace

Result<DropBox> DropBox::open(Fs& fs, const std::string& spool) {
  Result<Fd> folder = open_folder(fs, spool + "/new");
  if (!folder) return std::unexpected(folder.error());
  const Result<FreeSpace> space = fs.free_space(folder->get());
  if (!space) return std::unexpected(space.error());
  if (std::ranges::find(kUnsafe, space->type) != kUnsafe.end()) {
    const std::string permission = spool + "/allow-unsafe-fs";
    const Result<Fd> allowed = fs.open_at(AT_FDCWD, permission, O_PATH | O_NOFOLLOW, 0);
    if (!allowed) {
      return fail(spool +
                  " lies on a file system that may forget (tmpfs, NFS); to use it all the "
                  "same, create the file " +
                  permission);
    }
  }
  return DropBox(spool, std::move(*folder), *space);
}

Result<> DropBox::check_space(const FreeMin& least) const {
  // Divided first: a large disk times a percentage may not overflow.
  const std::uint64_t share = space_.bytes_total / 100 * least.percent;
  const std::uint64_t needed = std::max(least.bytes, share);
  if (space_.bytes_free >= needed && space_.inodes_free >= kLeastInodes) return {};
  return std::unexpected(
      Error{ENOSPC, "less than queue_free_min (" + std::to_string(needed) + " bytes) is free"});
}

Result<> DropBox::check_space_again(Fs& fs, const FreeMin& least) {
  const Result<FreeSpace> space = fs.free_space(new_.get());
  if (!space) return std::unexpected(space.error());
  space_ = *space;
  return check_space(least);
}

Result<Fd> DropBox::open_tmp(Fs& fs) const {
  return open_folder(fs, spool_ + "/tmp");
}

Result<uid_t> DropBox::owner(Fs& fs) const {
  const Result<struct stat> status = fs.status(new_.get());
  if (!status) return std::unexpected(status.error());
  return status->st_uid;
}

} // namespace waypost::queue
