// Signals: heard as descriptors, and across fork and exec, where what one program ignores or blocks
// the next must not inherit.
#pragma once

#include <initializer_list>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost {

// Each signal's action is the default one again, and none is blocked. For a child, before it
// executes a program.
void default_signals();

// Blocks these for the calling thread, and makes the descriptor that becomes readable when one of
// them comes: signalfd(2), nonblocking, closed by exec. Whoever ignored one before does not hear
// it.
[[nodiscard]] Result<Fd> hear_signals(std::initializer_list<int> numbers);

} // namespace waypost
