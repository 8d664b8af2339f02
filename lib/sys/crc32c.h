// CRC-32C (Castagnoli; RFC 3720 B.4), as the spool and its history use it: not against malice,
// against torn writes.
//
// Streams: crc32c(b, crc32c(a)) is the sum of a followed by b. The empty string has sum 0.
#pragma once

#include <cstdint>
#include <string_view>

namespace waypost {

[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

} // namespace waypost
