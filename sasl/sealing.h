// Sealing: how a credential stands in the store. Whoever has the public key can add one; only who
// has the secret key can read it (libsodium's crypto_box_seal: X25519, XSalsa20-Poly1305).
//
// A file is one netstring, a record: type=credential name= kind= added= key= sealed=. What is
// sealed begins with name and kind again, so that no file can pass for another, and is padded, so
// that its length says little of the secret's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"
#include "sasl/choice.h"
#include "sasl/secret.h"

namespace waypost::sasl {

struct PublicKey {
  std::string bytes;
  [[nodiscard]] std::string id() const; // 16 hexadecimal digits, the name of its secret half
};

struct KeyPair {
  PublicKey open;
  Secret secret;
};

[[nodiscard]] KeyPair new_key_pair();
// The public half follows from the secret one.
[[nodiscard]] Result<KeyPair> key_pair_of(Secret secret);

struct SealedCredential {
  std::string name;
  SecretKind kind = SecretKind::password;
  WallUs added = 0;
  std::string key; // id of the key that it is sealed to
  std::string sealed;
  bool operator==(const SealedCredential&) const = default;
};

[[nodiscard]] SealedCredential seal(std::string_view name, SecretKind kind, WallUs added,
                                    std::string_view secret, const PublicKey& key);
[[nodiscard]] Result<Secret> unseal(const SealedCredential& credential, const KeyPair& key);

[[nodiscard]] std::string encode(const SealedCredential& credential);
[[nodiscard]] Result<SealedCredential> decode_credential(std::string_view bytes);

[[nodiscard]] std::string_view name(SecretKind kind);
[[nodiscard]] std::optional<SecretKind> parse_secret_kind(std::string_view word);

inline constexpr std::size_t kMaxSecret = 8192; // bearer tokens are long
inline constexpr std::size_t kMaxCredentialFile = 32768;

} // namespace waypost::sasl
