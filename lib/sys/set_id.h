// Set-id bits: what executing a file would make of who executes it, where that has an effect. Under
// PR_SET_NO_NEW_PRIVS it has none, and so for all that delivers mail on this machine.
#pragma once

#include <string>

namespace waypost {

// "set-user-ID", "set-group-ID", "set-user-ID and set-group-ID"; "" when it is neither of them, or
// nobody can tell.
[[nodiscard]] std::string set_id_bits(const std::string& path);

} // namespace waypost
