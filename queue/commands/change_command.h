// The commands hold, release, kick, drop, bounce and requeue: one program, told apart by its name.
#pragma once

#include "queue/spool/message_change.h"

namespace waypost::queue {

// The whole command; returns its exit status.
int run_change(Verb verb, int argc, char* const* argv);

} // namespace waypost::queue
