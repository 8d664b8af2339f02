// The other way into the queue: where the set-group-id bit of waypost-queue has no effect (services
// with NoNewPrivileges, file systems mounted nosuid, containers) it hands the message to
// waypost-accept (lib/mail/handover.h).
//
// Up to 1 MiB of the message is gathered before the connection is made: most messages take a place
// there for a moment, however slowly they are written. A place that is not free, and a waypost that
// is just being started, are waited for, ten seconds at most, as nothing has been handed over.
//
// For an answer there are five minutes: the disk may be slow. It is written at once, so what has
// begun and does not go on is no answer.
#pragma once

#include <expected>
#include <string>

#include "queue/accept/queue_exit.h"

namespace waypost::queue {

// The caller may create messages in this spool itself.
[[nodiscard]] bool may_drop(const std::string& spool);

struct Handover {
  std::string socket;
  int message = 0; // descriptors, read as waypost-queue reads them
  int envelope = 1;
  int wait_ms = 10'000; // for a place
  int rest_ms = 5'000;  // for the rest of an answer that has begun
};

// Accepted when nothing is returned as an error: waypost-accept has said so.
[[nodiscard]] std::expected<void, Refusal> hand_over(const Handover& handover);

} // namespace waypost::queue
