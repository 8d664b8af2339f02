// Interrupt: Ctrl-C, or SIGTERM, to a command that changes messages: it finishes what it has begun
// and says how far it came. A second one ends it as usual.
//
// The signals are blocked and read from a descriptor, so that none is lost between two steps.
#pragma once

#include "lib/sys/fd.h"

namespace waypost::queue {

class Interrupt {
public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() = default;

  // Readable when a signal has come.
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Has one come, now or before? From the first one on the signals do again what they usually do.
  [[nodiscard]] bool came();

private:
  Fd fd_;
  bool came_ = false;
};

} // namespace waypost::queue
