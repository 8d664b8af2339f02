// The records that a sender and waypost-deliver exchange beside jobs and results (lib/mail/job.h).
//
// sender -> deliver
//   type=tls    TLS was met: the next sender of this transport is forked with it ready
//   type=down outcome= class= code= status= reply=
//               the destination failed as a whole; goes before the results that this has caused
//   type=up     after down, or after a start with failing=1: it has answered a message again
#pragma once

#include <optional>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"

namespace waypost::deliver {

[[nodiscard]] Record down_record(const Outcome& outcome);
// None when the record is malformed, or when its outcome is not one that defers.
[[nodiscard]] std::optional<Outcome> down_outcome(const Record& record);

} // namespace waypost::deliver
