// A DKIM key record (RFC 6376 3.6.1; Ed25519: RFC 8463): is it one that verifiers can use? Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::spfcheck {

enum class DkimKeyType : std::uint8_t { rsa, ed25519 };

struct DkimKey {
  DkimKeyType type = DkimKeyType::rsa;
  int bits = 0;         // of an RSA modulus; 256 for Ed25519
  bool revoked = false; // p= is empty
  bool testing = false; // t=y
};

// An error says what no verifier could use: a version that is not DKIM1, an unknown k=, a p= that
// is not base64 of such a key, an s= that is not for mail, an h= without sha256.
[[nodiscard]] Result<DkimKey> parse_dkim_key(std::string_view text);

// "RSA, 2048 bits".
[[nodiscard]] std::string description(const DkimKey& key);

} // namespace waypost::spfcheck
