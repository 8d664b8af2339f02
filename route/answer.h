// The answer to a query of the queue manager: what is decided for a recipient, as a record.
#pragma once

#include "route/decision.h"

namespace waypost::route {

[[nodiscard]] RouteAnswer answer(const Routes& routes, const RouteQuery& query);

// Which rule chose: "waypost.toml:41", "by hand", "default"; before it the alias that led there,
// "aliases:12, default".
[[nodiscard]] std::string rule_of(const Decision& decision);

// What recipients are grouped by: the mailbox, where mail ends here, else destination().
[[nodiscard]] std::string place_of(const Decision& decision, const Question& question,
                                   const Settings& settings);

} // namespace waypost::route
