// Reading a message's history: every good entry in order, up to the first bad frame, which ends it.
// Memory is bounded by the longest entry. waypost-spool(5).
#pragma once

#include <cstdint>
#include <functional>

#include "queue/spool/message_file.h"

namespace waypost::queue {

struct HistoryEnd {
  std::uint64_t offset = 0; // behind the last good entry
  bool torn = false;        // something that is no good entry follows
};

// Calls `each` for the entries from `from` (the history's start, or where an earlier call stopped)
// to `until`; stops early when it returns false.
[[nodiscard]] Result<HistoryEnd> read_history(const MessageFile& file, std::uint64_t from,
                                              std::uint64_t until,
                                              const std::function<bool(const HistoryEntry&)>& each);

} // namespace waypost::queue
