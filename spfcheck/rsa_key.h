// The length of an RSA public key in DER: a SubjectPublicKeyInfo (RFC 5280 4.1.2.7), as everybody
// publishes for DKIM, or an RSAPublicKey alone (RFC 8017 A.1.1), as RFC 6376 says. Pure; any bytes.
#pragma once

#include <string_view>

#include "lib/sys/error.h"

namespace waypost::spfcheck {

// Bits of the modulus.
[[nodiscard]] Result<int> rsa_bits(std::string_view der);

} // namespace waypost::spfcheck
