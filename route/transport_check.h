// What the keys of one transport must be together.
#pragma once

#include "lib/mail/snapshot.h"
#include "route/section.h"

namespace waypost::route {

// `line` is the transport's own; a complaint goes to the line of the key that it is about, which
// may stand in [defaults].
void check_transport(const Transport& transport, unsigned line, const KeyLines& lines,
                     Complaints& complaints);

} // namespace waypost::route
