// ScramKeys: what SCRAM makes of a password, a salt and a count (RFC 5802 3), and where a login
// gets it from.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/sys/error.h"
#include "sasl/digest.h"
#include "sasl/secret.h"

namespace waypost::sasl {

struct ScramKeys {
  Secret client_key;
  Secret server_key;
};

// ClientKey and ServerKey, from SaltedPassword, which rounds.h makes.
[[nodiscard]] Result<ScramKeys> scram_keys_of(Digest digest, std::string_view salted_password);

// Gives a login its keys: has them derived, which may take until later (later.h), or knows them
// from an earlier login (key_cache.h).
class ScramKeySource {
public:
  ScramKeySource() = default;
  ScramKeySource(const ScramKeySource&) = delete;
  ScramKeySource& operator=(const ScramKeySource&) = delete;
  virtual ~ScramKeySource() = default;
  [[nodiscard]] virtual Result<ScramKeys> keys(Digest digest, std::string_view salt,
                                               std::uint32_t iterations) = 0;
};

} // namespace waypost::sasl
