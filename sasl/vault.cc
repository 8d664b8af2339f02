#include "sasl/vault.h"

namespace waypost::sasl {

Result<ScramKeys> StoredKeys::keys(Digest digest, std::string_view salt, std::uint32_t iterations) {
  const Result<SealedCredential> credential = vault_.store.read(credential_);
  if (!credential) return std::unexpected(credential.error());
  const KeyOrigin origin{credential->sealed, digest, std::string(salt), iterations};
  if (const ScramKeys* const known = vault_.cache.find(origin)) return *known;
  if (!derivations_.take(vault_.clock.boot_ms()))
    return fail("SCRAM: the server asks with new salts too often");
  const Result<Secret> password = vault_.store.open(*credential);
  if (!password) return std::unexpected(password.error());
  Result<ScramKeys> keys = derive_scram_keys(digest, view(*password), salt, iterations);
  if (!keys) return keys;
  vault_.pins.note(credential_, host_, digest, {origin.salt, iterations});
  vault_.cache.put(origin, *keys);
  return keys;
}

} // namespace waypost::sasl
