// Landlock: which files a process may open, which TCP ports it may reach, whom it may signal.
//
// A ruleset names what it handles; all of that is denied where no rule allows it. What can be
// handled grew with the kernel's ABI: 1 (5.13) files; 2 (5.19) files may change their folder, which
// ABI 1 denies to everybody; 3 (6.2) truncation; 4 (6.7) TCP ports; 5 (6.10) ioctl of devices;
// 6 (6.12) abstract sockets and signals stay within the domain; 7 (6.15) the audit log can be told
// to leave denials out, which we do not want. Unix sockets with a name are not covered.
#pragma once

#include <cstdint>

#include "lib/sys/confine.h"
#include "lib/sys/fd.h"

namespace waypost {

// What a ruleset handles, as the kernel's structure has it.
struct LandlockHandled {
  std::uint64_t files = 0;
  std::uint64_t ports = 0;
  std::uint64_t scoped = 0;
};
// What these promises leave to be handled on a kernel of this ABI; nothing at all where the ABI
// would deny more than was asked for.
[[nodiscard]] LandlockHandled landlock_handled(const Promises& promises, int abi);

// 0: the kernel has no Landlock, or forbids its use.
[[nodiscard]] int landlock_abi();

// The promises as a ruleset; none where nothing is to be handled. Names are looked up now.
[[nodiscard]] Result<Fd> make_ruleset(const Promises& promises, int abi);
// The process must have no new privileges. `ruleset` -1: there is none, and nothing changes.
[[nodiscard]] Result<> restrict_to(int ruleset);

// Both at once.
[[nodiscard]] Result<> restrict_by_landlock(const Promises& promises, int abi);

} // namespace waypost
