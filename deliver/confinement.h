// What the processes of senders may still do. The reviewed lines of waypost-sender's forks, whose
// promises depend on the transport that they were forked for.
#pragma once

#include "deliver/start.h"
#include "lib/sys/confine.h"

namespace waypost::deliver {

// The prepared process: forks, and reads nothing that came from outside.
[[nodiscard]] Promises promises_of_template();
// The second one, which has TLS ready for this trust.
[[nodiscard]] Promises promises_of_template(const net::TlsTrust& trust);
// Who tries a login at the servers of these transports (login_trial.h).
[[nodiscard]] Promises promises_of_trial(const std::vector<const Transport*>& transports);
// A sender. `tls_loaded`: it came from a process that has TLS ready.
[[nodiscard]] Promises promises_of_sender(const Start& start, bool tls_loaded);

} // namespace waypost::deliver
