// The store's files: who may read and change them, and how they are replaced.

#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "sasl/store.h"

namespace waypost::sasl {
namespace {

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

// Root's, or of who asks. Root itself reads what waysasl owns.
bool rightful(uid_t owner) {
  return owner == 0 || owner == ::geteuid() || ::geteuid() == 0;
}

Result<> check(const std::string& path, const struct stat& st, bool secret) {
  if (!rightful(st.st_uid))
    return fail(path + ": belongs to user " + std::to_string(st.st_uid) +
                ", who could change it; make it root's");
  const mode_t others = st.st_mode & 077;
  if (secret && others != 0)
    return fail(path + ": others may read it (mode " + octal(st.st_mode) + "); chmod 400 " + path +
                ", and rotate the key");
  if ((others & 022) != 0)
    return fail(path + ": others may change it (mode " + octal(st.st_mode) + "); chmod go-w " +
                path);
  return {};
}

} // namespace

Result<Fd> Store::open_folder() const {
  Result<Fd> folder = fs_.open_at(AT_FDCWD, folder_, O_RDONLY | O_DIRECTORY, 0);
  if (!folder && folder.error().code == ENOENT)
    return fail("no credential was ever added: there is no folder " + folder_);
  if (!folder) return fail_errno("open " + folder_, folder.error().code);
  const Result<struct stat> st = fs_.status(folder->get());
  if (!st) return std::unexpected(st.error());
  const Result<> good = check(folder_, *st, false);
  if (!good) return std::unexpected(good.error());
  return folder;
}

Result<Fd> Store::locked_folder() const {
  Result<Fd> folder = open_folder();
  if (folder && ::flock(folder->get(), LOCK_EX) != 0) return fail_errno("lock " + folder_);
  return folder;
}

// Into locked memory, whatever it is: one way of reading.
Result<Secret> Store::read_file(int folder, const std::string& name, bool secret) const {
  const std::string path = folder_ + '/' + name;
  const Result<Fd> file = fs_.open_at(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (!file) return fail_errno("open " + path, file.error().code);
  const Result<struct stat> st = fs_.status(file->get());
  if (!st) return std::unexpected(st.error());
  if (!S_ISREG(st->st_mode)) return fail(path + ": it is no file");
  const Result<> good = check(path, *st, secret);
  if (!good) return std::unexpected(good.error());
  Secret bytes(kMaxCredentialFile + 1);
  const Result<std::size_t> size = fs_.read_at(file->get(), bytes, 0);
  if (!size) return fail_errno("read " + path, size.error().code);
  if (*size > kMaxCredentialFile) return fail(path + ": it is too long");
  bytes.resize(*size);
  return bytes;
}

Result<> Store::write_file(int folder, const std::string& name, std::string_view bytes,
                           Access access) {
  const std::string draft = '.' + name + ".new";
  const Result<> stale = fs_.unlink_at(folder, draft); // of a run that was cut short
  if (!stale && stale.error().code != ENOENT) return stale;
  const Result<Fd> file = fs_.open_at(folder, draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!file) return fail_errno("write " + folder_ + '/' + name, file.error().code);
  const uid_t uid = owner_ && access.secret ? owner_->uid : 0;
  if (owner_ && ::fchown(file->get(), uid, owner_->gid) != 0) return fail_errno("chown " + name);
  const mode_t mode = owner_ ? access.mode : access.mode & 0600;
  if (::fchmod(file->get(), mode) != 0) return fail_errno("chmod " + name);
  const Result<> written = fs_.write_all(file->get(), bytes);
  if (!written) return written;
  const Result<> kept = fs_.sync(file->get());
  if (!kept) return kept;
  const Result<> named = fs_.rename_at(folder, draft, folder, name);
  if (!named) return named;
  return fs_.sync(folder);
}

} // namespace waypost::sasl
