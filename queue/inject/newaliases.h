// newaliases, -bi and -I: what rebuilds a table of aliases elsewhere.
#pragma once

namespace waypost::queue {

// A sysexits(3) status. There is no table: aliases, where they are used, are read as they stand.
[[nodiscard]] int rebuild_aliases();

} // namespace waypost::queue
