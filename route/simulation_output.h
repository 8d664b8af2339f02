// A simulation as lines for a person, or as JSON. waypost-route(8) lists the keys.
#pragma once

#include <string>

#include "route/simulation.h"

namespace waypost::route {

// Counts first, then the groups, the largest first; with details each message of a group.
[[nodiscard]] std::string simulation_text(const Simulation& simulation);
// One object a line: the total, the groups, and with details each message.
[[nodiscard]] std::string simulation_json(const Simulation& simulation);

} // namespace waypost::route
