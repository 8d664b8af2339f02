// Bytes of a message as a record's value, which cannot hold NUL: a NUL becomes \0, a backslash \\.
#pragma once

#include <string>
#include <string_view>

namespace waypost {

[[nodiscard]] std::string record_value(std::string_view bytes);
// Whatever was not made so comes back as it can be read; nothing fails.
[[nodiscard]] std::string bytes_of_value(std::string_view value);

} // namespace waypost
