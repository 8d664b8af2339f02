// Signal: one coroutine waits until another party raises it, or until a deadline has passed.
//
//   const bool raised = co_await signal.wait(deadline);
//
// A raise with nobody waiting is remembered once. raise() resumes the waiter before it returns. A
// Signal lives in the waiting frame or longer than it; nobody raises it between the drop of that
// frame and its own end.
#pragma once

#include <coroutine>
#include <utility>

#include "lib/net/loop.h"

namespace waypost::net {

class Signal {
public:
  explicit Signal(Loop& loop);
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  void raise();
  [[nodiscard]] bool waiting() const { return static_cast<bool>(waiter_); }
  [[nodiscard]] bool raised() const { return raised_; }
  void clear() { raised_ = false; }
  // Forgets a waiter that has been dropped.
  void forget();

  struct Awaiter {
    Signal& signal;
    Deadline deadline;
    [[nodiscard]] bool await_ready() const noexcept { return signal.raised_; }
    void await_suspend(std::coroutine_handle<> waiter) const { signal.suspend(waiter, deadline); }
    // False when the deadline has passed.
    [[nodiscard]] bool await_resume() const { return std::exchange(signal.raised_, false); }
  };
  [[nodiscard]] Awaiter wait(Deadline deadline = {}) { return Awaiter{*this, deadline}; }

private:
  void suspend(std::coroutine_handle<> waiter, Deadline deadline);
  static void on_timer(uv_timer_t* timer);

  Loop& loop_;
  uv_timer_t* timer_ = nullptr; // made at the first wait with a deadline; freed by uv_close
  std::coroutine_handle<> waiter_;
  bool raised_ = false;
};

} // namespace waypost::net
