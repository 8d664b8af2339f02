// Dates as mail and as waypost's own output write them. All in UTC: a queue has no time zone.
#pragma once

#include <string>

#include "lib/sys/clock.h"

namespace waypost {

[[nodiscard]] std::string rfc5322_date(WallUs time); // "Sat, 21 Nov 2026 22:47:00 +0000"
[[nodiscard]] std::string rfc3339_date(WallUs time); // "2026-11-21T22:47:00Z"

} // namespace waypost
