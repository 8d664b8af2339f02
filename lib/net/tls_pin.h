// Pins: "sha256//BASE64" of a certificate's public key, as RFC 7469 2.4 counts it.
#pragma once

#include <openssl/types.h>
#include <string>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::net {

// The pin of a certificate's SubjectPublicKeyInfo; empty when it cannot be computed.
[[nodiscard]] std::string pin_of(const X509* certificate);

// An error that shows the certificate's pin when none of `pins` is it.
[[nodiscard]] Result<> check_pins(const X509* certificate, const std::vector<std::string>& pins);

} // namespace waypost::net
