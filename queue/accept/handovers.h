// Handovers: what a caller of waypost-accept does with the place that it was given
// (lib/mail/handover.h): it hands one message over in frames, or passes pipes with messages, one
// after another. Each is answered.
#pragma once

#include <expected>
#include <functional>

#include "lib/mail/message_id.h"
#include "queue/accept/intake.h"
#include "queue/accept/patience.h"

namespace waypost::queue {

class Handovers {
public:
  // Accepts one message; called for each.
  using Take = std::function<std::expected<MessageId, Refusal>(Intake&)>;

  Handovers(int connection, const Patience& patience, Take take)
      : connection_(connection),
        patience_(patience),
        take_(std::move(take)) {}

  // Until the caller has handed over what it has, or says nothing for too long, or the tree ends.
  void serve();

private:
  [[nodiscard]] bool take_pipes();
  // False: the caller has gone.
  [[nodiscard]] bool answer(const std::expected<MessageId, Refusal>& taken) const;

  int connection_;
  Patience patience_;
  Take take_;
};

} // namespace waypost::queue
