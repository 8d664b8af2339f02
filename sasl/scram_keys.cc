#include "sasl/scram_keys.h"

#include "sasl/saslprep.h"

namespace waypost::sasl {

Result<ScramKeys> derive_scram_keys(Digest digest, std::string_view password, std::string_view salt,
                                    std::uint32_t iterations) {
  const Result<Secret> prepared = saslprep(password, Prepared::as_stored);
  if (!prepared) return fail("password: " + prepared.error().text);
  const Result<Secret> salted = pbkdf2(digest, view(*prepared), salt, iterations, size_of(digest));
  if (!salted) return std::unexpected(salted.error());
  Result<Secret> client = hmac(digest, view(*salted), "Client Key");
  Result<Secret> server = hmac(digest, view(*salted), "Server Key");
  if (!client || !server) return std::unexpected(client ? server.error() : client.error());
  return ScramKeys{std::move(*client), std::move(*server)};
}

} // namespace waypost::sasl
