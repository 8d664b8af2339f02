// The end of what a command prints.
#pragma once

#include <string_view>

namespace waypost {

// Whether all that was printed on standard output has left us, asked once at the end; when not (a
// full disk, nobody who reads), `program` says so on standard error.
[[nodiscard]] bool output_written(std::string_view program);

} // namespace waypost
