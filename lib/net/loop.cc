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

// Asked between the timers and the wait. UV_RUN_ONCE would not do: libuv 1.44 calls a timer that is
// due already, and waits for the next event behind it, which may never come.
void Loop::run_until(const std::function<bool()>& done) {
  if (done()) return;
  auto* const before_waiting = new uv_prepare_t{};
  uv_prepare_init(&loop_, before_waiting);
  before_waiting->data = const_cast<std::function<bool()>*>(&done);
  uv_prepare_start(before_waiting, [](uv_prepare_t* self) {
    if ((*static_cast<const std::function<bool()>*>(self->data))()) uv_stop(self->loop);
  });
  auto* const handle = reinterpret_cast<uv_handle_t*>(before_waiting);
  uv_unref(handle);
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_close(handle, [](uv_handle_t* self) { delete reinterpret_cast<uv_prepare_t*>(self); });
}

} // namespace waypost::net
