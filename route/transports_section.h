// [defaults] and [transport.NAME].
#pragma once

#include <vector>

#include "lib/mail/snapshot.h"
#include "route/document.h"
#include "route/origins.h"

namespace waypost::route {

// All transports of the file, "direct" first. One that is wrong is among them too, so that rules
// that lead to it are not complained of as well. Fills the transports and defaults of `origins`.
[[nodiscard]] std::vector<Transport> read_transports(const Node& file, const Settings& settings,
                                                     Origins& origins, Complaints& complaints);

// What holds for a type before [defaults].
[[nodiscard]] Transport type_defaults(TransportType type, const Settings& settings);

} // namespace waypost::route
