// Netstrings (D. J. Bernstein, 1997): "5:hello,". The frame of everything that travels between
// waypost's programs.
//
// A reader never trusts a length: it names the most that it will take, and a longer or malformed
// frame is an error after which the channel is of no more use.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost {

void append_netstring(std::string& out, std::string_view payload);

// Takes the first whole netstring off `rest`: its payload (a view into `rest`'s bytes), none while
// it is incomplete, an error when it is malformed or longer than `most`.
[[nodiscard]] Result<std::optional<std::string_view>> take_netstring(std::string_view& rest,
                                                                     std::size_t most);

} // namespace waypost
