// Lifeline: stops a loop when waypost-start is gone: the descriptor becomes readable then
// (wiring.h). A descriptor that is not open is no lifeline: a program started by hand.
#pragma once

#include "lib/net/loop.h"

namespace waypost::net {

class Lifeline {
public:
  Lifeline(Loop& loop, int fd);
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline();

private:
  uv_poll_t* poll_ = nullptr; // freed by uv_close
};

} // namespace waypost::net
