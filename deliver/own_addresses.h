// What leads back to where we send from, so that mail which is sent there would be in a loop.
//
// For direct delivery that is this machine; for a transport with a proxy it is the proxy, for it is
// the proxy that connects. No I/O but a look at this machine's interfaces.
#pragma once

#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "lib/net/ip.h"

namespace waypost::deliver {

// Mail goes to the recipient's own mail exchangers, by whatever way.
[[nodiscard]] bool to_exchangers(const Transport& transport);

// direct: those of the interfaces, and public_ips; socks: remote_ips. None with `local_hosts`, and
// none for a smarthost, which is what the configuration says.
[[nodiscard]] std::vector<net::IpAddress> own_addresses(const Settings& settings,
                                                        const Transport& transport);

// A name that a resolver answers with a loopback address (RFC 6761 6.3), or reads as an address
// itself: "localhost", "127.1", "0x7f000001". No host of the DNS has such a name.
[[nodiscard]] bool names_no_remote_host(std::string_view name);

} // namespace waypost::deliver
