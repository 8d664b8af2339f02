// Signature: one DKIM-Signature field (RFC 6376 3.5), written and signed.
//
// The tags stand in the order v a c d s i t x h bh b. There is never an l=: what could be added
// behind a signed part would seem signed (8.2). b= is the last, so that the field without its value
// is simply its beginning (3.7).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dkim/body_hash.h"
#include "dkim/header.h"
#include "dkim/key.h"

namespace waypost::dkim {

struct Manner {
  Canonical header = Canonical::relaxed;
  Canonical body = Canonical::relaxed;
  std::string identity;                   // i=; empty: none
  std::uint64_t now = 0;                  // t=, in seconds since 1970
  std::optional<std::uint64_t> expires_s; // x= that long after t=
};

struct Signer {
  std::string domain; // d=, in normal form (A-labels)
  std::string selector;
  const Key* key = nullptr;
};

// The field up to and with "b=", folded, without a line end at its end.
[[nodiscard]] std::string unsigned_field(const Signer& signer, const Manner& manner,
                                         std::span<const std::string> names,
                                         std::string_view body_hash);

// The bytes of b= for a field whose b= is empty, another program's too: the signature over the
// canonical fields of `names`, and that field.
[[nodiscard]] Result<std::string> sign_field(const Key& key, std::string_view field,
                                             std::span<const Field> fields,
                                             std::span<const std::string> names, Canonical form);

// The whole field in wire form, with the CRLF at its end.
[[nodiscard]] Result<std::string> signature_field(const Signer& signer, const Manner& manner,
                                                  std::span<const Field> fields,
                                                  std::string_view body_hash);

// May `identity` (local@domain or @domain) be the i= of a signature with this d=? Its domain must
// be d= or below it (RFC 6376 3.5).
[[nodiscard]] bool may_identify(std::string_view identity, std::string_view domain);

} // namespace waypost::dkim
