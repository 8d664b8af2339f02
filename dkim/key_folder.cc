#include "dkim/key_folder.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

constexpr std::size_t kMaxKeyFile = 65'536;

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

Result<> check(const std::string& path, const struct stat& st) {
  if (!S_ISREG(st.st_mode)) return fail(path + ": it is no file");
  const uid_t reader = ::geteuid();
  if (st.st_uid != 0 && st.st_uid != reader && reader != 0)
    return fail(path + ": belongs to user " + std::to_string(st.st_uid) +
                ", who could change it; make it root's");
  const bool own_group = st.st_gid == ::getegid() || reader == 0 || st.st_gid == 0;
  const mode_t excess = st.st_mode & (own_group ? 037 : 077);
  if (excess != 0)
    return fail(path + ": others may " + ((excess & 044) != 0 ? "read" : "change") + " it (mode " +
                octal(st.st_mode) + "); chmod 600 " + path +
                ((excess & 044) != 0 ? ", and make a new key if somebody may have" : ""));
  return {};
}

bool label(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, fits);
}

bool valid_name(std::string_view name) {
  return name.size() <= 253 && std::ranges::all_of(split(name, '.'), label);
}

} // namespace

bool valid_selector(std::string_view selector) {
  return valid_name(selector);
}

Result<Key> read_key_file(Fs& fs, const std::string& path) {
  const Result<Fd> file = fs.open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (!file) return std::unexpected(file.error());
  const Result<struct stat> st = fs.status(file->get());
  if (!st) return std::unexpected(st.error());
  const Result<> good = check(path, *st);
  if (!good) return std::unexpected(good.error());
  std::string pem(kMaxKeyFile, '\0');
  const Result<std::size_t> size = fs.read_at(file->get(), pem, 0);
  if (!size) return fail_errno("read " + path, size.error().code);
  Result<Key> key = Key::parse(std::string_view(pem).substr(0, *size));
  ::OPENSSL_cleanse(pem.data(), pem.size());
  if (!key) return fail(path + ": " + key.error().text);
  return key;
}

std::string KeyFolder::path(const std::string& domain, const std::string& selector) const {
  return folder_ + '/' + domain + '/' + selector + ".pem";
}

bool KeyFolder::has(const std::string& domain, const std::string& selector) const {
  return valid_name(domain) && valid_name(selector) &&
         ::faccessat(AT_FDCWD, path(domain, selector).c_str(), F_OK, 0) == 0;
}

Result<Key> KeyFolder::read(const std::string& domain, const std::string& selector) const {
  if (!valid_name(domain))
    return fail(printable(domain) + ": not a domain that mail is signed for");
  if (!valid_name(selector)) return fail(printable(selector) + ": not a selector");
  return read_key_file(fs_, path(domain, selector));
}

// Owner and mode of what was just made.
Result<> KeyFolder::settle(int fd, const std::string& path, mode_t mode) {
  if (group_ && ::fchown(fd, static_cast<uid_t>(-1), *group_) != 0)
    return fail_errno("chown " + path);
  if (::fchmod(fd, group_ ? mode : mode & 0700) != 0) return fail_errno("chmod " + path);
  return {};
}

Result<Fd> KeyFolder::make_folder(const std::string& path) {
  const Result<> made = fs_.make_directory(AT_FDCWD, path, 0700);
  if (!made && made.error().code != EEXIST) return std::unexpected(made.error());
  Result<Fd> folder = fs_.open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
  if (!folder || !made) return folder;
  const Result<> settled = settle(folder->get(), path, 0750);
  if (!settled) return std::unexpected(settled.error());
  const Result<Fd> above = fs_.open_at(folder->get(), "..", O_RDONLY | O_DIRECTORY, 0);
  if (!above) return std::unexpected(above.error());
  const Result<> kept = fs_.sync(above->get());
  if (!kept) return std::unexpected(kept.error());
  return folder;
}

Result<> KeyFolder::add(const std::string& domain, const std::string& selector, const Key& key) {
  if (!valid_name(domain))
    return fail(printable(domain) + ": not a domain that mail is signed for");
  if (!valid_name(selector)) return fail(printable(selector) + ": not a selector");
  const Result<std::string> pem = key.pem();
  if (!pem) return std::unexpected(pem.error());
  const Result<Fd> all = make_folder(folder_);
  if (!all) return std::unexpected(all.error());
  const Result<Fd> folder = make_folder(folder_ + '/' + domain);
  if (!folder) return std::unexpected(folder.error());
  const std::string name = path(domain, selector);
  const Result<Fd> file = fs_.open_unnamed(folder->get(), 0600);
  if (!file) return std::unexpected(file.error());
  const Result<> settled = settle(file->get(), name, 0640);
  if (!settled) return settled;
  const Result<> written = fs_.write_all(file->get(), *pem);
  if (!written) return written;
  const Result<> named = fs_.link_at(file->get(), folder->get(), selector + ".pem");
  if (!named && named.error().code == EEXIST)
    return std::unexpected(
        Error{EEXIST, name + " is there already; a new key takes a new selector"});
  if (!named) return named;
  const Result<> kept = fs_.sync(file->get());
  return kept ? fs_.sync(folder->get()) : kept;
}

} // namespace waypost::dkim
