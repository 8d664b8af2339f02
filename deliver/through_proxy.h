// A connection through the transport's SOCKS5 proxy (socks/socks5.h).
//
// The proxy gets timeout_connect to be reached and to take us, and then the same again to reach the
// host. Each of its addresses is tried; the first that connects decides. Failures say whose fault
// they are (HostFailure::fault).
#pragma once

#include "deliver/greeting.h"

namespace waypost::deliver {

// All references are owned by who awaits. `oracle`: for a transport with a credential. The
// connection's next byte is the host's.
[[nodiscard]] net::Task<Opened> open_through_proxy(net::Loop& loop, const Transport& transport,
                                                   const ProxyAddresses& proxy, HostAddress to,
                                                   OracleLine* oracle, Recorder& recorder);

} // namespace waypost::deliver
