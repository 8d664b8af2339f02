// Member: one program of the tree, started with its descriptors and its user.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/privilege.h"
#include "start/descriptors.h"

namespace waypost::start {

struct Member {
  std::string program; // "waypost-qmgr"
  std::vector<Placement> placements;
};

// Forks and executes it. The child is in process group `group` (0: its own), has default signals,
// an empty mask, umask 077, no new privileges, `/` as its folder, dies with this process, and has
// no descriptors but `placements` and 2. `identity` null: it runs as this process does. A program
// that cannot be executed ends with 127 and a log line.
[[nodiscard]] Result<pid_t> start_member(const Member& member, const Identity* identity,
                                         pid_t group);

// The same, as a child of our own parent: it is that one's to wait for, and dies with that one.
// What we may do, it may.
[[nodiscard]] Result<pid_t> start_sibling(const Member& member, pid_t group);

// Starts a program with arguments as this process's own user, its output on our standard error.
[[nodiscard]] Result<pid_t> start_plain(const std::vector<std::string>& command);

} // namespace waypost::start
