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

// ClientKey and ServerKey, from a password as it was typed.
[[nodiscard]] Result<ScramKeys> derive_scram_keys(Digest digest, std::string_view password,
                                                  std::string_view salt, std::uint32_t iterations);

// Gives a login its keys: derives them, or has them from an earlier login (key_cache.h).
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
