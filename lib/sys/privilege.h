// Privilege: what a program may do is decided in its first instructions, by these functions.
//
// Each says in one line what it gives up. They report failure and change nothing else; the caller
// ends then, because going on with more rights than intended is never right.
#pragma once

#include <sys/types.h>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

// Runs with another identity than its caller's (set-user-id, set-group-id or capabilities), so that
// the kernel marked the start as secure. Asks the auxiliary vector, not the kernel.
[[nodiscard]] bool started_set_id();
// The real uid of the caller, from the auxiliary vector.
[[nodiscard]] uid_t caller_uid();

// No core file, no ptrace, no reading of its memory by processes of the same user.
Result<> forbid_inspection();
[[nodiscard]] bool inspection_forbidden();

// Makes 0, 1 and 2 open, as /dev/null where the caller closed them, so that no file of ours ever
// gets such a number. The result says which were usable.
struct StandardFds {
  bool in = false;
  bool out = false;
  bool err = false;
};
[[nodiscard]] Result<StandardFds> open_standard_fds();

// Gives a set-group-id program's group up for good: real, effective and saved group are the
// caller's.
Result<> give_up_group();

// No program that is executed from here on gains rights by set-id bits.
Result<> forbid_new_privileges();

// Another user for good: supplementary groups, group, user, each checked. For root only.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups; // supplementary
};
Result<> become(const Identity& identity);

} // namespace waypost
