// Channel bindings of a TLS connection, for SASL's -PLUS mechanisms.
#pragma once

#include <openssl/types.h>

#include "lib/net/tls.h"

namespace waypost::net {

// TLS 1.3: tls-exporter. TLS 1.2: tls-server-end-point. Without a type where there is none: an
// older version, or a certificate whose signature names no hash.
[[nodiscard]] ChannelBinding binding_of(SSL* ssl);

} // namespace waypost::net
