// Where waypost-socks takes user and password from; never from its arguments, which all users see.
#pragma once

#include <optional>

#include "socks/socks5.h"

namespace waypost::socks {

// `fd` >= 0: two lines, user and password, read to the end of the descriptor, which is closed.
// Else SOCKS_USER and SOCKS_PASSWORD, which are taken out of the environment; none: no login.
[[nodiscard]] Result<std::optional<Login>> find_login(int fd);

} // namespace waypost::socks
