// The digests that SASL's mechanisms are made of, by OpenSSL: H, HMAC (RFC 2104) and Hi, which is
// PBKDF2 with HMAC (RFC 5802 2.2, RFC 8018 5.2). MD5 only as HMAC, for CRAM-MD5.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::sasl {

enum class Digest : std::uint8_t { md5, sha1, sha256 };

[[nodiscard]] std::size_t size_of(Digest digest);
[[nodiscard]] Result<Secret> hash(Digest digest, std::string_view text);
[[nodiscard]] Result<Secret> hmac(Digest digest, std::string_view key, std::string_view text);
// `size` bytes of key; SCRAM takes size_of(digest).
[[nodiscard]] Result<Secret> pbkdf2(Digest digest, std::string_view password, std::string_view salt,
                                    std::uint32_t iterations, std::size_t size);

} // namespace waypost::sasl
