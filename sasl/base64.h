// base64 as SASL uses it (RFC 4648 4): padded, without line breaks; anything else is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sasl/secret.h"

namespace waypost::sasl {

[[nodiscard]] Secret encode_base64(std::string_view bytes);
// None when it is not base64 to its last bit.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
[[nodiscard]] std::optional<Secret> decode_base64_secret(std::string_view text);

} // namespace waypost::sasl
