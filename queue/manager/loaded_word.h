// The word to waypost-start that the queue is loaded: a newline, once. On it hangs readiness: a
// supervisor that is never told ends the tree after a while, and again, and again.
#pragma once

#include <functional>

#include "lib/sys/clock.h"

namespace waypost::queue {

using Later = std::function<void(BootMs wait, std::function<void()> then)>;

// On `fd`, the pipe to waypost-start. Where the kernel cannot take it now, `later` has it tried
// again. Where nobody is there to hear it, it was said.
void say_loaded(int fd, const Later& later);

} // namespace waypost::queue
