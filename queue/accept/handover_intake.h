// HandoverIntake: a message that comes over a connection of waypost-accept (lib/mail/handover.h).
//
// The caller has five minutes for each next byte, and loses the place then; so does everybody when
// the tree ends. What the caller says is never trusted: a piece out of place, or a length that is
// not kept, is refused, and what was written by then has no name.
#pragma once

#include "lib/mail/handover.h"
#include "queue/accept/intake.h"
#include "queue/accept/patience.h"

namespace waypost::queue {

class HandoverIntake final : public Intake {
public:
  HandoverIntake(int connection, const Patience& patience)
      : connection_(connection),
        patience_(patience) {}
  Bytes message() override;
  Bytes envelope() override;

private:
  // The next piece; none at the connection's end.
  std::expected<std::optional<HandoverPiece>, Refusal> piece();
  // False at the connection's end.
  std::expected<bool, Refusal> receive();

  int connection_;
  Patience patience_;
  HandoverReader reader_;
  std::string_view first_of_envelope_; // which ended the message
};

} // namespace waypost::queue
