// Delivered-To: the trace that final delivery leaves, and by which a message that comes back to the
// same address is known (qmail's, and every delivery agent's since). No RFC requires it; RFC 9228
// describes it.
#pragma once

#include <cstdint>
#include <string>

#include "lib/sys/fs.h"

namespace waypost::queue {

// Where a message lies in an open file.
struct MessagePart {
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Whether a Delivered-To field of the header names `address`, without regard to case. Looks at the
// first 256 KiB of the header section: what loops has its fields in front.
[[nodiscard]] Result<bool> was_delivered_to(Fs& fs, const MessagePart& message,
                                            const std::string& address);

} // namespace waypost::queue
