// Our Received field (RFC 5321 4.4, RFC 5322 3.6.7), in wire form.
#pragma once

#include <string>
#include <string_view>

#include "lib/mail/message_id.h"
#include "queue/accept/message_writer.h"

namespace waypost::queue {

// Received: by HOST (waypost, from uid 1000)      for a local user
// Received: from [192.0.2.1] (login alice) by HOST (waypost)      for an authenticated client
[[nodiscard]] std::string trace_field(std::string_view hostname, const MessageId& id,
                                      const Origin& origin);

} // namespace waypost::queue
