// What the configuration says of a transport, as `waypost list --transports` is told it, by the
// manager or without one.
#pragma once

#include "lib/mail/record.h"
#include "lib/mail/snapshot.h"

namespace waypost::queue {

// type=transport transport= kind= target= credential=
[[nodiscard]] Record transport_record(const Transport& transport);

} // namespace waypost::queue
