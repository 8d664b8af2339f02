// Replaces a file by another in one step, so that whoever reads it sees the old one or the new one,
// whole. Nothing is synced: what is written so is written again soon.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::queue {

// Readable by everybody, as far as the umask lets it. The folder must be one that the caller alone
// may write to, or sticky.
[[nodiscard]] Result<> replace_file(const std::string& path, std::string_view bytes);

} // namespace waypost::queue
