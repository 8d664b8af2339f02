// Patience: how waypost-accept waits for a caller, who has so long for each next byte, and no
// longer than the tree lives.
#pragma once

#include <expected>

#include "queue/accept/queue_exit.h"

namespace waypost::queue {

struct Patience {
  int lifeline; // readable when the tree ends
  int milliseconds = 300'000;

  // Returns when `descriptor` is readable or at its end. What has come by the end of the tree is
  // taken: perhaps it is all that was missing.
  [[nodiscard]] std::expected<void, Refusal> wait_for(int descriptor) const;
};

} // namespace waypost::queue
