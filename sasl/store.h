// Store: the folder of sealed credentials, etc/credentials; waypost-credential(8).
//
//   NAME.sealed   a credential (sealing.h)
//   public        the key that new ones are sealed to; for who adds
//   key-ID        a secret key; for the oracle alone. More than one while a rotation is under way
//
// Every file is written under another name, synced, renamed, and the folder synced: at any moment a
// power cut leaves the old file or the new one, and every credential has the key that opens it.
// Whatever has owners or modes by which others could read or change it is refused, by an error that
// says what to do. One writer at a time, by a lock on the folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/sys/fs.h"
#include "sasl/sealing.h"

namespace waypost::sasl {

// Who owns the files of an installed store; in a personal home all are the caller's.
struct StoreOwner {
  uid_t uid = 0; // waysasl: of the secret keys
  gid_t gid = 0; // waysasl: may read the rest, which is root's
};

class Store {
public:
  // `fs` outlives this.
  Store(Fs& fs, std::string folder, std::optional<StoreOwner> owner = {})
      : fs_(fs),
        folder_(std::move(folder)),
        owner_(owner) {}

  // For the oracle.
  [[nodiscard]] Result<SealedCredential> read(std::string_view name) const;
  [[nodiscard]] Result<Secret> open(const SealedCredential& credential) const;

  // For an administrator. Makes folder and first key where they are missing.
  Result<> prepare();
  // Replaces one of that name.
  Result<> add(std::string_view name, SecretKind kind, WallUs now, std::string_view secret);
  Result<> remove(std::string_view name);
  // In the order of their names; those that cannot be read as an error each.
  [[nodiscard]] Result<std::vector<Result<SealedCredential>>> list() const;
  // A new key, to which all are sealed anew; the old ones are removed when nothing needs them. One
  // that cannot be opened stays as it is, with its key, and comes back as an error.
  Result<std::vector<Error>> rotate();

  [[nodiscard]] const std::string& folder() const { return folder_; }
  // Letters, digits, - _ and . (64 at most), not beginning with . or -
  [[nodiscard]] static bool valid_name(std::string_view name);

private:
  struct Access { // what a file must be
    mode_t mode;
    bool secret;
  };
  [[nodiscard]] Result<Fd> open_folder() const;
  [[nodiscard]] Result<Fd> locked_folder() const;
  [[nodiscard]] Result<Secret> read_file(int folder, const std::string& name, bool secret) const;
  Result<> write_file(int folder, const std::string& name, std::string_view bytes, Access access);
  [[nodiscard]] Result<SealedCredential> read_in(int folder, std::string_view name) const;
  [[nodiscard]] Result<Secret> open_in(int folder, const SealedCredential& credential) const;
  [[nodiscard]] Result<PublicKey> public_key(int folder) const;
  [[nodiscard]] Result<std::vector<std::string>> names(int folder) const;
  Result<> write_credential(int folder, const SealedCredential& credential);
  Result<PublicKey> make_key(int folder);
  Result<> seal_anew(int folder, const std::string& name, const PublicKey& key);
  Result<> remove_unused_keys(int folder, const PublicKey& current);

  Fs& fs_;
  std::string folder_;
  std::optional<StoreOwner> owner_;
};

} // namespace waypost::sasl
