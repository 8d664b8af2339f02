// SCRAM's keys of a password, at once.
#pragma once

#include "sasl/rounds.h"
#include "sasl/saslprep.h"
#include "sasl/scram_keys.h"

namespace waypost::test {

inline Result<sasl::Secret> salted_password(sasl::Digest digest, std::string_view password,
                                            std::string_view salt, std::uint32_t iterations,
                                            std::uint32_t at_once = UINT32_MAX) {
  Result<sasl::Rounds> rounds = sasl::Rounds::begin(digest, password, salt, iterations);
  if (!rounds) return std::unexpected(rounds.error());
  while (!rounds->done()) {
    const Result<> ran = rounds->run(at_once);
    if (!ran) return std::unexpected(ran.error());
  }
  return rounds->key();
}

inline Result<sasl::ScramKeys> derive_scram_keys(sasl::Digest digest, std::string_view password,
                                                 std::string_view salt, std::uint32_t iterations) {
  const Result<sasl::Secret> prepared = sasl::saslprep(password, sasl::Prepared::as_stored);
  if (!prepared) return std::unexpected(prepared.error());
  const Result<sasl::Secret> salted = salted_password(digest, view(*prepared), salt, iterations);
  if (!salted) return std::unexpected(salted.error());
  return sasl::scram_keys_of(digest, view(*salted));
}

} // namespace waypost::test
