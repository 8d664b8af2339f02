#include "lib/net/signal.h"

#include <memory>

namespace waypost::net {

Signal::Signal(Loop& loop) : loop_(loop) {}

Signal::~Signal() {
  if (timer_ == nullptr) return;
  timer_->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(timer_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_timer_t> freed(reinterpret_cast<uv_timer_t*>(closed));
  });
}

void Signal::suspend(std::coroutine_handle<> waiter, Deadline deadline) {
  waiter_ = waiter;
  if (deadline.at_ms == UINT64_MAX) return;
  if (timer_ == nullptr) {
    timer_ = std::make_unique<uv_timer_t>().release();
    uv_timer_init(loop_.uv(), timer_);
    timer_->data = this;
  }
  const std::uint64_t now = loop_.now_ms();
  uv_timer_start(timer_, on_timer, deadline.at_ms > now ? deadline.at_ms - now : 0, 0);
}

void Signal::raise() {
  raised_ = true;
  if (!waiter_) return;
  if (timer_ != nullptr) uv_timer_stop(timer_);
  std::exchange(waiter_, {}).resume();
}

void Signal::forget() {
  waiter_ = {};
  if (timer_ != nullptr) uv_timer_stop(timer_);
}

void Signal::on_timer(uv_timer_t* timer) {
  Signal* const self = static_cast<Signal*>(timer->data);
  if (self != nullptr && self->waiter_) std::exchange(self->waiter_, {}).resume();
}

} // namespace waypost::net
