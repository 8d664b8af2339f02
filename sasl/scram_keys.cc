#include "sasl/scram_keys.h"

namespace waypost::sasl {

Result<ScramKeys> scram_keys_of(Digest digest, std::string_view salted_password) {
  Result<Secret> client = hmac(digest, salted_password, "Client Key");
  Result<Secret> server = hmac(digest, salted_password, "Server Key");
  if (!client || !server) return std::unexpected(client ? server.error() : client.error());
  return ScramKeys{std::move(*client), std::move(*server)};
}

} // namespace waypost::sasl
