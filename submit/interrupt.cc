#include "submit/interrupt.h"

#include <csignal>
#include <memory>

namespace waypost::submit {

Interrupt::Interrupt(net::Loop& loop) : loop_(loop) {
  constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    uv_signal_t* const watch = std::make_unique<uv_signal_t>().release();
    watches_[i] = watch;
    uv_signal_init(loop.uv(), watch);
    watch->data = this;
    uv_signal_start(
        watch,
        [](uv_signal_t* seen, int number) {
          auto* const self = static_cast<Interrupt*>(seen->data);
          self->signal_ = number;
          self->loop_.stop();
        },
        kSignals[i]);
    uv_unref(reinterpret_cast<uv_handle_t*>(watch));
  }
}

Interrupt::~Interrupt() {
  for (uv_signal_t* const watch : watches_) {
    uv_close(reinterpret_cast<uv_handle_t*>(watch), [](uv_handle_t* closed) {
      const std::unique_ptr<uv_signal_t> freed(reinterpret_cast<uv_signal_t*>(closed));
    });
  }
}

} // namespace waypost::submit
