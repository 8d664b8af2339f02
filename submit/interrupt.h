// Interrupt: SIGINT, SIGTERM and SIGHUP stop the loop, so that what is under way can be accounted
// for before the program ends.
#pragma once

#include <array>

#include "lib/net/loop.h"

namespace waypost::submit {

class Interrupt {
public:
  explicit Interrupt(net::Loop& loop);
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  // The signal that came; 0: none.
  [[nodiscard]] int signal() const { return signal_; }

private:
  net::Loop& loop_;
  int signal_ = 0;
  std::array<uv_signal_t*, 3> watches_{}; // freed by uv_close
};

} // namespace waypost::submit
