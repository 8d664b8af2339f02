// What a message is accepted by: the settings as they are now, the caller, the time, and chance.
#pragma once

#include <string>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/home.h"
#include "queue/accept/accept.h"

namespace waypost::queue {

// Read anew for each message, so that a reload needs to tell nobody.
[[nodiscard]] Result<AcceptRequest> request_of(const Home& home, uid_t caller);

// What is read for it and to know who wayaccept is.
[[nodiscard]] std::vector<std::string> read_for_accept(const Home& home);

} // namespace waypost::queue
