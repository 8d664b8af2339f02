// What sendmail does when it is not to hand in a message: list, explain, flush, aliases. Each is a
// command of waypost's, run as the caller; here the forms meet.
#pragma once

#include "lib/mail/snapshot.h"
#include "queue/inject/arguments.h"
#include "queue/inject/inject.h"

namespace waypost::queue {

// Any mode but deliver.
[[nodiscard]] InjectResult run_other_mode(const Arguments& arguments, const Settings& settings);

// The arguments of waypost-kick for what -q asks.
[[nodiscard]] std::vector<std::string> kick_command(const Flush& flush);

} // namespace waypost::queue
