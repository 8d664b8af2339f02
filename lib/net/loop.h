// Loop: one libuv event loop, and the deadlines that are counted on its clock.
//
// Everything that holds handles of a loop must be gone before it. The loop's clock is monotonic,
// in milliseconds, and stands still while callbacks run. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <uv.h>

namespace waypost::net {

// A moment on a loop's clock.
struct Deadline {
  std::uint64_t at_ms = UINT64_MAX; // default: never
};

class Loop {
public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop(); // runs the close callbacks that are still owed

  [[nodiscard]] uv_loop_t* uv() { return &loop_; }
  [[nodiscard]] std::uint64_t now_ms() const { return uv_now(&loop_); }
  [[nodiscard]] Deadline in(std::uint64_t ms) const { return {now_ms() + ms}; }

  void run(); // until stop(), or until nothing is active
  // Until then, or until nothing is active. Asked after each round of events.
  void run_until(const std::function<bool()>& done);
  void run_ready() { uv_run(&loop_, UV_RUN_NOWAIT); } // only what is ready now
  void stop() { uv_stop(&loop_); }

private:
  uv_loop_t loop_{};
};

} // namespace waypost::net
