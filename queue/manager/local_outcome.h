// What the end of a local delivery means for the recipient. The policy in one place. Pure.
//
// Exit status as sysexits(3) and qmail-command(8) have it: 0 and 99 delivered; 64 to 70, 72 to 74,
// 76 to 78, 100 and 112 for good; 71, 75, 111, a signal and every other status: again. What stops
// us here (no room, no lock, a program that cannot be started) never returns mail at once.
#pragma once

#include <string_view>

#include "lib/mail/local_job.h"
#include "lib/mail/outcome.h"

namespace waypost::queue {

// `type`: of the transport. A text that begins with a reply's code, as LMTP's do, keeps it.
[[nodiscard]] Outcome local_outcome(const LocalResult& result, std::string_view type);

// The message's own Delivered-To says that it comes back: it will not be delivered there again.
[[nodiscard]] LocalResult delivered_before(std::uint64_t job);

} // namespace waypost::queue
