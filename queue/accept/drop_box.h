// DropBox: the two folders of the spool into which messages are dropped, opened and judged.
//
// new/ is where a message gets its name, tmp/ where it is written when the file system knows no
// unnamed files. Both descriptors are owned. Opening fails on file systems that forget (tmpfs,
// ramfs) or whose sync promises are not the disk's (NFS, SMB), unless the spool holds a file
// `allow-unsafe-fs`: then somebody has decided so.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fs.h"

namespace waypost::queue {

// How much must stay free so that marks, history and notices always have room: both must hold.
struct FreeMin {
  std::uint64_t bytes = 0;
  std::uint32_t percent = 0;
};

class DropBox {
public:
  // Opens spool/new. An error of code 0 says that its file system is not trusted.
  [[nodiscard]] static Result<DropBox> open(Fs& fs, const std::string& spool);

  // The error has the code ENOSPC when less than `least` is free, now or since open().
  [[nodiscard]] Result<> check_space(const FreeMin& least) const;
  // The same with a fresh look at the disk.
  [[nodiscard]] Result<> check_space_again(Fs& fs, const FreeMin& least);

  [[nodiscard]] int new_folder() const { return new_.get(); }
  // Opens spool/tmp, which most machines never need.
  [[nodiscard]] Result<Fd> open_tmp(Fs& fs) const;
  // The uid that owns new/: the queue manager's, or the person whose queue it is.
  [[nodiscard]] Result<uid_t> owner(Fs& fs) const;

private:
  DropBox(std::string spool, Fd folder, const FreeSpace& space)
      : spool_(std::move(spool)),
        new_(std::move(folder)),
        space_(space) {}

  std::string spool_;
  Fd new_;
  FreeSpace space_;
};

} // namespace waypost::queue
