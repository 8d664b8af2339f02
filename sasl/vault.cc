#include "sasl/vault.h"

#include "sasl/later.h"

namespace waypost::sasl {

Result<ScramKeys> StoredKeys::keys(Digest digest, std::string_view salt, std::uint32_t iterations) {
  const Result<SealedCredential> credential = vault_.store.read(credential_);
  if (!credential) return std::unexpected(credential.error());
  const KeyOrigin origin{credential->sealed, digest, std::string(salt), iterations};
  if (const ScramKeys* const known = vault_.cache.find(origin)) return *known;
  if (vault_.derivations.has(origin)) return later();
  if (!derivations_.take(vault_.clock.boot_ms(), Derivations::slices(iterations)))
    return fail("SCRAM: the server asks with new salts too often");
  const Result<Secret> password = vault_.store.open(*credential);
  if (!password) return std::unexpected(password.error());
  const Result<> started = vault_.derivations.start(origin, view(*password), credential_, host_);
  if (!started) return std::unexpected(started.error());
  if (const ScramKeys* const known = vault_.cache.find(origin)) return *known;
  return later();
}

} // namespace waypost::sasl
