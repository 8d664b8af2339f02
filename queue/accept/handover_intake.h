// HandoverIntake: a message that comes over a connection of waypost-accept (lib/mail/handover.h).
//
// The caller has five minutes for each next byte, and loses the place then; so does everybody when
// the tree ends. What the caller says is never trusted: a piece out of place, or a length that is
// not kept, is refused, and what was written by then has no name.
#pragma once

#include "lib/mail/handover.h"
#include "queue/accept/intake.h"

namespace waypost::queue {

class HandoverIntake final : public Intake {
public:
  struct Wires {
    int connection;
    int lifeline; // readable when the tree ends
    int patience_ms = 300'000;
  };
  explicit HandoverIntake(const Wires& wires) : wires_(wires) {}
  Bytes message() override;
  Bytes envelope() override;

private:
  // The next piece; none at the connection's end.
  std::expected<std::optional<HandoverPiece>, Refusal> piece();
  // False at the connection's end.
  std::expected<bool, Refusal> receive();

  Wires wires_;
  HandoverReader reader_;
  std::string_view first_of_envelope_; // which ended the message
};

} // namespace waypost::queue
