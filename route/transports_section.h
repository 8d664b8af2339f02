// [defaults] and [transport.NAME].
#pragma once

#include <vector>

#include "lib/mail/snapshot.h"
#include "route/document.h"

namespace waypost::route {

// All transports of the file, "direct" first. One that is wrong is among them too, so that rules
// that lead to it are not complained of as well.
[[nodiscard]] std::vector<Transport> read_transports(const Node& file, const Settings& settings,
                                                     Complaints& complaints);

} // namespace waypost::route
