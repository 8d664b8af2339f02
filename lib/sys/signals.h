// Signals across fork and exec: what one program ignores or blocks, the next must not inherit.
#pragma once

namespace waypost {

// Each signal's action is the default one again, and none is blocked. For a child, before it
// executes a program.
void default_signals();

} // namespace waypost
