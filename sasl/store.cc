#include "sasl/store.h"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <unistd.h>

#include "lib/sys/text.h"
#include "sasl/base64.h"

namespace waypost::sasl {
namespace {

constexpr std::string_view kSuffix = ".sealed";
constexpr std::string_view kKeyPrefix = "key-";

std::string file_of(std::string_view name) {
  return std::string(name) + std::string(kSuffix);
}

std::string key_file(const std::string& id) {
  return std::string(kKeyPrefix) + id;
}

} // namespace

bool Store::valid_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

Result<SealedCredential> Store::read(std::string_view name) const {
  const Result<Fd> folder = open_folder();
  if (!folder) return std::unexpected(folder.error());
  return read_in(folder->get(), name);
}

Result<Secret> Store::open(const SealedCredential& credential) const {
  const Result<Fd> folder = open_folder();
  if (!folder) return std::unexpected(folder.error());
  return open_in(folder->get(), credential);
}

Result<SealedCredential> Store::read_in(int folder, std::string_view name) const {
  if (!valid_name(name)) return fail("credential " + printable(name) + ": no such name may be");
  const std::string about = "credential " + std::string(name) + ": ";
  const Result<Secret> bytes = read_file(folder, file_of(name), false);
  if (!bytes && bytes.error().code == ENOENT)
    return fail(about + "there is none in " + folder_ + "; add it with waypost credential add");
  if (!bytes) return fail(about + bytes.error().text);
  Result<SealedCredential> read = decode_credential(view(*bytes));
  if (!read) return fail(about + read.error().text);
  if (read->name != name) return fail(about + "the file holds another, " + printable(read->name));
  return read;
}

Result<Secret> Store::open_in(int folder, const SealedCredential& credential) const {
  const std::string about = "credential " + credential.name + ": ";
  if (!valid_name(credential.key)) return fail(about + "it is damaged");
  const Result<Secret> text = read_file(folder, key_file(credential.key), true);
  if (!text) return fail(about + "its key: " + text.error().text);
  std::optional<Secret> secret = decode_base64_secret(view(*text));
  if (!secret) return fail(about + "its key is damaged");
  const Result<KeyPair> pair = key_pair_of(std::move(*secret));
  if (!pair) return fail(about + "its key: " + pair.error().text);
  Result<Secret> opened = unseal(credential, *pair);
  if (!opened) return fail(about + opened.error().text);
  return opened;
}

Result<PublicKey> Store::public_key(int folder) const {
  const Result<Secret> text = read_file(folder, "public", false);
  if (!text) return std::unexpected(text.error());
  std::optional<std::string> bytes = decode_base64(view(*text));
  if (!bytes || bytes->size() != crypto_box_PUBLICKEYBYTES)
    return fail(folder_ + "/public: it is no key");
  return PublicKey{std::move(*bytes)};
}

Result<std::vector<std::string>> Store::names(int folder) const {
  std::vector<std::string> found;
  const Result<> listed = fs_.list(folder, [&](const char* name) {
    std::string_view rest = name;
    if (!rest.ends_with(kSuffix)) return true;
    rest.remove_suffix(kSuffix.size());
    if (valid_name(rest)) found.emplace_back(rest);
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  std::ranges::sort(found);
  return found;
}

Result<std::vector<Result<SealedCredential>>> Store::list() const {
  const Result<Fd> folder = open_folder();
  if (!folder) return std::unexpected(folder.error());
  const auto all = names(folder->get());
  if (!all) return std::unexpected(all.error());
  std::vector<Result<SealedCredential>> read;
  for (const std::string& name : *all)
    read.push_back(read_in(folder->get(), name));
  return read;
}

Result<> Store::add(std::string_view name, SecretKind kind, WallUs now, std::string_view secret) {
  if (!valid_name(name))
    return fail("a credential's name is of letters, digits, - _ and . (64 at most)");
  if (secret.empty()) return fail("the secret is empty");
  const bool breaks = secret.find('\0') != std::string_view::npos ||
                      secret.find('\n') != std::string_view::npos ||
                      secret.find('\r') != std::string_view::npos;
  if (secret.size() > kMaxSecret || breaks)
    return fail("the secret must be one line of at most 8192 bytes");
  const Result<Fd> folder = locked_folder();
  if (!folder) return std::unexpected(folder.error());
  const Result<PublicKey> key = public_key(folder->get());
  if (!key) return std::unexpected(key.error());
  return write_credential(folder->get(), seal(name, kind, now, secret, *key));
}

Result<> Store::write_credential(int folder, const SealedCredential& credential) {
  return write_file(folder, file_of(credential.name), encode(credential), {0640, false});
}

Result<> Store::remove(std::string_view name) {
  const Result<Fd> folder = locked_folder();
  if (!folder) return std::unexpected(folder.error());
  if (!valid_name(name)) return fail("credential " + printable(name) + ": no such name may be");
  const Result<> gone = fs_.unlink_at(folder->get(), file_of(name));
  if (!gone && gone.error().code == ENOENT)
    return fail("credential " + std::string(name) + ": there is none in " + folder_);
  if (!gone) return gone;
  return fs_.sync(folder->get());
}

Result<> Store::prepare() {
  const mode_t mode = owner_ ? 0750 : 0700;
  const Result<> made = fs_.make_directory(AT_FDCWD, folder_, mode);
  if (!made && made.error().code != EEXIST) return made;
  if (made && owner_) {
    const bool given = ::chown(folder_.c_str(), 0, owner_->gid) == 0;
    if (!given || ::chmod(folder_.c_str(), mode) != 0) return fail_errno("chown " + folder_);
  }
  const Result<Fd> folder = locked_folder();
  if (!folder) return std::unexpected(folder.error());
  const Result<PublicKey> there = public_key(folder->get());
  if (there) return {};
  if (there.error().code != ENOENT) return std::unexpected(there.error());
  const Result<PublicKey> key = make_key(folder->get());
  if (!key) return std::unexpected(key.error());
  return {};
}

// The secret half is on the disk before anything can be sealed to the public one.
Result<PublicKey> Store::make_key(int folder) {
  KeyPair pair = new_key_pair();
  const Secret secret = encode_base64(view(pair.secret));
  const Result<> kept = write_file(folder, key_file(pair.open.id()), view(secret), {0400, true});
  if (!kept) return std::unexpected(kept.error());
  const Secret open = encode_base64(pair.open.bytes);
  const Result<> shown = write_file(folder, "public", view(open), {0644, false});
  if (!shown) return std::unexpected(shown.error());
  return pair.open;
}

Result<> Store::seal_anew(int folder, const std::string& name, const PublicKey& key) {
  const Result<SealedCredential> old = read_in(folder, name);
  if (!old) return std::unexpected(old.error());
  const Result<Secret> secret = open_in(folder, *old);
  if (!secret) return std::unexpected(secret.error());
  return write_credential(folder, seal(name, old->kind, old->added, view(*secret), key));
}

Result<std::vector<Error>> Store::rotate() {
  const Result<Fd> folder = locked_folder();
  if (!folder) return std::unexpected(folder.error());
  const auto all = names(folder->get());
  if (!all) return std::unexpected(all.error());
  const Result<PublicKey> key = make_key(folder->get());
  if (!key) return std::unexpected(key.error());
  std::vector<Error> left;
  for (const std::string& name : *all) {
    const Result<> done = seal_anew(folder->get(), name, *key);
    if (!done) left.push_back(done.error());
  }
  const Result<> tidy = remove_unused_keys(folder->get(), *key);
  if (!tidy) return std::unexpected(tidy.error());
  return left;
}

// Where a file cannot be read, nobody knows which key it needs: all stay.
Result<> Store::remove_unused_keys(int folder, const PublicKey& current) {
  const auto all = names(folder);
  if (!all) return std::unexpected(all.error());
  std::set<std::string> needed{key_file(current.id())};
  for (const std::string& name : *all) {
    const Result<SealedCredential> one = read_in(folder, name);
    if (!one) return {};
    needed.insert(key_file(one->key));
  }
  std::vector<std::string> unused;
  const Result<> listed = fs_.list(folder, [&](const char* name) {
    if (std::string_view(name).starts_with(kKeyPrefix) && !needed.contains(name))
      unused.emplace_back(name);
    return true;
  });
  if (!listed) return listed;
  for (const std::string& name : unused) {
    const Result<> gone = fs_.unlink_at(folder, name);
    if (!gone) return gone;
  }
  return fs_.sync(folder);
}

} // namespace waypost::sasl
