#include "lib/net/loop.h"

#include <cstdlib>

namespace waypost::net {

Loop::Loop() {
  // Fails only without memory or descriptors at the start of a process: nothing can go on then.
  if (uv_loop_init(&loop_) != 0) std::abort();
}

Loop::~Loop() {
  uv_run(&loop_, UV_RUN_NOWAIT);
  uv_loop_close(&loop_);
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

} // namespace waypost::net
