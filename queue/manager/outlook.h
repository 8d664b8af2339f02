// Outlook: what `why` tells of a message's future beside its next attempt: when its sender is told
// of the delay, when it expires, by which routes later attempts would go.
#pragma once

#include <optional>
#include <vector>

#include "lib/mail/snapshot.h"
#include "queue/manager/message_view.h"

namespace waypost::queue {

// type=outlook
[[nodiscard]] Record outlook_record(const MessageView& view, const Snapshot& snapshot);

struct LaterAttempt {
  std::uint32_t attempt = 0;
  WallUs when = 0; // at the earliest
};
// The attempts behind `attempt`, which is due at `due`, as `retry` spaces them, until the message
// expires; a dozen at most.
[[nodiscard]] std::vector<LaterAttempt> later_attempts(const MessageView& view,
                                                       const Settings& settings,
                                                       std::uint32_t attempt, WallUs due);

} // namespace waypost::queue
