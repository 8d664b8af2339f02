// Listeners: the sockets at which waypost-smtpd itself takes connections, when it is to do that.
//
// They come from the options (--listen), from systemd (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS,
// from descriptor 3 on), or one is standard input, as inetd has it with `wait`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::smtpd {

// `addresses`: "127.0.0.1:25", "[::1]:25". All are listening, none blocks, none is inherited by
// programs. None at all: the process was started for one connection. Standard input becomes
// /dev/null when it is one.
[[nodiscard]] Result<std::vector<Fd>> find_listeners(const std::vector<std::string>& addresses);

[[nodiscard]] bool is_listener(int fd);

// False when it is no address of this form.
[[nodiscard]] bool valid_listen_address(std::string_view text);

} // namespace waypost::smtpd
