// saslname: a user's name within SCRAM and OAUTHBEARER (RFC 5802 5.1): prepared, with "," as "=2C"
// and "=" as "=3D".
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::sasl {

[[nodiscard]] Result<std::string> saslname(std::string_view user);

} // namespace waypost::sasl
