// Launch: one delivery as a process of its own, under another user.
#pragma once

#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "local/delivery_plan.h"

namespace waypost::local {

struct Launched {
  pid_t pid = -1; // and its process group
  Fd output;      // non-blocking: what it says
};

// Forks, becomes the plan's identity and executes waypost-local with the message on descriptor 0,
// a pipe on 1 and 2, and no other. It dies with this process. What fails in the child is said on
// the pipe, with status 75.
[[nodiscard]] Result<Launched> launch(const DeliveryPlan& plan, const std::string& program,
                                      Fd message);

// Gives up every capability but those to change user and to end what was started; root without
// them may open only what is everybody's, or root's by its owner's bits.
Result<> keep_launching_capabilities();

} // namespace waypost::local
