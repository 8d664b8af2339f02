// The login that a transport's proxy wants (RFC 1929), out of the oracle.
//
// The oracle is asked for what PLAIN would say (RFC 4616), which holds user and password. SOCKS has
// no better way: both reach this process, and leave it in clear text, towards the proxy alone.
#pragma once

#include "deliver/oracle_line.h"
#include "socks/socks5.h"

namespace waypost::deliver {

// `oracle`: the sender's line; null where it has none.
[[nodiscard]] net::Task<Result<socks::Login>> ask_for_proxy_login(OracleLine* oracle);

// The login within the base64 of a PLAIN response.
[[nodiscard]] Result<socks::Login> login_of_plain(std::string_view base64);

} // namespace waypost::deliver
