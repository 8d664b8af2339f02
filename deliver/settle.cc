#include "deliver/settle.h"

namespace waypost::deliver {

JobResult settle_all(std::uint64_t job, std::span<const std::uint32_t> open,
                     const Outcome& outcome) {
  JobResult result;
  result.job = job;
  result.end = true;
  RecipientGroup group;
  for (const std::uint32_t number : open)
    group.recipients.add(number);
  group.outcome = outcome;
  result.transaction.groups.push_back(std::move(group));
  return result;
}

std::vector<std::uint32_t> recipients_of(const Job& job) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(job.recipients.size());
  for (const JobRecipient& one : job.recipients)
    numbers.push_back(one.number);
  return numbers;
}

} // namespace waypost::deliver
