// PipeIntake: message and envelope from two pipes that a caller of waypost-accept has passed.
//
// As waypost-queue reads its descriptors, but nobody waits for ever: there are five minutes for
// each next byte, and nothing more is read when the tree ends.
#pragma once

#include "queue/accept/intake.h"
#include "queue/accept/patience.h"

namespace waypost::queue {

class PipeIntake final : public Intake {
public:
  struct Pipes {
    int message;
    int envelope;
  };
  PipeIntake(const Pipes& pipes, const Patience& patience)
      : from_(pipes),
        patience_(patience),
        pipes_(pipes.message, pipes.envelope) {}
  Bytes message() override;
  Bytes envelope() override;

private:
  Pipes from_;
  Patience patience_;
  DescriptorIntake pipes_;
};

// A caller chooses what it passes. Reading a pipe asks no file system and no device.
[[nodiscard]] bool is_pipe(int descriptor);

} // namespace waypost::queue
