// Descriptors that are passed over a Unix stream socket with one byte: a request that is said by
// what comes along. Reader and writer know how many there are.
#pragma once

#include <optional>
#include <span>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

inline constexpr std::size_t kMostPassed = 4;

// The sender's own stay open. It waits while the socket is full; nothing is signalled when the
// other end is gone.
[[nodiscard]] Result<> pass_descriptors(int socket, char byte, std::span<const int> descriptors);

// Waits for the next byte, which is returned, and fills all of `taken`. None at the end of the
// connection. An error of code 0 when something else came; of that nothing stays open.
[[nodiscard]] Result<std::optional<char>> take_descriptors(int socket, std::span<Fd> taken);

} // namespace waypost
