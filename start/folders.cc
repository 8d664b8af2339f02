#include "start/folders.h"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/message_id.h"
#include "lib/sys/fd.h"

namespace waypost::start {
namespace {

struct Owner {
  uid_t uid;
  gid_t gid;
};

struct Folder {
  std::string name;
  mode_t mode;
  std::optional<Owner> owner; // none: as it is made
};

Result<> set_right(int fd, const Folder& folder) {
  struct stat now{};
  if (::fstat(fd, &now) != 0) return fail_errno("stat " + folder.name);
  const bool other =
      folder.owner && (now.st_uid != folder.owner->uid || now.st_gid != folder.owner->gid);
  if (other && ::fchown(fd, folder.owner->uid, folder.owner->gid) != 0)
    return fail_errno("chown " + folder.name);
  if ((now.st_mode & 07777) != folder.mode && ::fchmod(fd, folder.mode) != 0)
    return fail_errno("chmod " + folder.name);
  return {};
}

Result<Fd> make_folder(int in, const Folder& folder) {
  if (::mkdirat(in, folder.name.c_str(), 0700) != 0 && errno != EEXIST)
    return fail_errno("mkdir " + folder.name);
  Fd fd(::openat(in, folder.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail_errno("open " + folder.name);
  const Result<> right = set_right(fd.get(), folder);
  if (!right) return std::unexpected(right.error());
  if (::fsync(fd.get()) != 0) return fail_errno("fsync " + folder.name);
  return fd;
}

Result<> make_spool(const Home& home, const std::optional<Accounts>& accounts) {
  std::optional<Owner> own;
  std::optional<Owner> drop;
  std::optional<Owner> sasl;
  if (accounts) {
    sasl = Owner{accounts->sasl.uid, accounts->sasl.gid};
    own = Owner{accounts->queue.uid, accounts->queue.gid};
    drop = Owner{accounts->queue.uid, accounts->drop};
  }
  // Everyone may look through the spool's folder, and into none of those below it.
  const Result<Fd> spool = make_folder(AT_FDCWD, {home.spool, accounts ? 0755U : 0700U, own});
  if (!spool) return std::unexpected(spool.error());
  const mode_t drop_mode = accounts ? 01770 : 0700;
  const Folder inside[] = {{"new", drop_mode, drop},
                           {"tmp", drop_mode, drop},
                           {"bad", 0700, own},
                           {"sasl", 0700, sasl},
                           {"cur", 0700, own}}; // cur last: its own folders follow
  Fd last;
  for (const Folder& folder : inside) {
    Result<Fd> made = make_folder(spool->get(), folder);
    if (!made) return std::unexpected(made.error());
    last = std::move(*made);
  }
  for (int i = 0; i < MessageId::kFolders; ++i) {
    const std::string name{static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
    const Result<Fd> made = make_folder(last.get(), {name, 0700, own});
    if (!made) return std::unexpected(made.error());
  }
  // From the inside out, and the folder that holds the spool's own name.
  const Fd above(::openat(spool->get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const int fd : {last.get(), spool->get(), above.get()})
    if (::fsync(fd) != 0) return fail_errno("fsync " + home.spool);
  return {};
}

} // namespace

Result<> make_folders(const Home& home, const std::optional<Accounts>& accounts) {
  std::optional<Owner> root;
  if (accounts) root = Owner{0, 0};
  const Result<Fd> run = make_folder(AT_FDCWD, {home.run, accounts ? 0755U : 0700U, root});
  if (!run) return std::unexpected(run.error());
  // The configuration's folder is a person's: made when missing, and left as it is otherwise.
  if (::mkdir(home.etc.c_str(), 0755) != 0 && errno != EEXIST)
    return fail_errno("mkdir " + home.etc);
  return make_spool(home, accounts);
}

} // namespace waypost::start
