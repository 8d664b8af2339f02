// The digests that SASL's mechanisms are made of, by OpenSSL: H and HMAC (RFC 2104); Hi is in
// rounds.h. MD5 only as HMAC, for CRAM-MD5.
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

} // namespace waypost::sasl
