// Recipients that stand in a message's header: what -t asks for.
//
// To, Cc and Bcc; when a Resent-To, -Cc or -Bcc is there, these instead (RFC 5322 3.6.6: the
// message is sent anew, and the old fields are history).
#pragma once

#include <string>
#include <vector>

#include "queue/inject/header_section.h"

namespace waypost::queue {

[[nodiscard]] Result<std::vector<std::string>> header_recipients(const HeaderSection& header);

} // namespace waypost::queue
