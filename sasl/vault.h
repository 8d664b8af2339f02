// Vault: what all logins of one oracle share: the store, the keys that were derived or are being
// derived, the tokens; and StoredKeys, by which a login gets at its credential's keys and at
// nothing else.
#pragma once

#include <string>

#include "lib/sys/clock.h"
#include "sasl/allowance.h"
#include "sasl/derivations.h"
#include "sasl/key_cache.h"
#include "sasl/store.h"
#include "sasl/tokens.h"

namespace waypost::sasl {

struct Vault {
  const Store& store;
  KeyCache& cache;
  Derivations& derivations;
  Tokens& tokens;
  const Clock& clock;
};

// Opens the credential only where its keys are not known yet, and only for as long as deriving
// them takes.
class StoredKeys final : public ScramKeySource {
public:
  // `vault` and `derivations`, how many slices may be derived, outlive this.
  StoredKeys(Vault& vault, Allowance& derivations, std::string credential, std::string host)
      : vault_(vault),
        derivations_(derivations),
        credential_(std::move(credential)),
        host_(std::move(host)) {}

  Result<ScramKeys> keys(Digest digest, std::string_view salt, std::uint32_t iterations) override;

private:
  Vault& vault_;
  Allowance& derivations_;
  std::string credential_;
  std::string host_;
};

} // namespace waypost::sasl
