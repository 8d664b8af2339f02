// Settling a whole job with one outcome, where no dialogue took place.
#pragma once

#include <span>

#include "lib/mail/job.h"

namespace waypost::deliver {

// `open`: numbers of recipients, ascending.
[[nodiscard]] JobResult settle_all(std::uint64_t job, std::span<const std::uint32_t> open,
                                   const Outcome& outcome);

// The numbers of all of a job's recipients.
[[nodiscard]] std::vector<std::uint32_t> recipients_of(const Job& job);

} // namespace waypost::deliver
