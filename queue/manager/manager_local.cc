// The manager and mail that ends on this machine: jobs for waypost-lspawn, a few at a time, and
// what their ends mean.
#include "queue/manager/manager.h"

#include "lib/sys/log.h"
#include "queue/manager/local_outcome.h"
#include "queue/spool/delivered_to.h"

namespace waypost::queue {
namespace {

LocalResult not_started(std::uint64_t job, std::string why) {
  LocalResult result;
  result.job = job;
  result.kind = LocalResult::Kind::refused;
  result.text = std::move(why);
  return result;
}

} // namespace

void Manager::start_local_jobs() {
  while (local_running_ < kLocalPlaces && !local_line_.empty() && !draining_) {
    const std::uint64_t number = local_line_.front();
    local_line_.pop_front();
    const auto at = under_way_.find(number);
    if (at == under_way_.end()) continue;
    const Ticket ticket = at->second; // what follows may end that one
    start_local_job(number, ticket);
  }
}

void Manager::start_local_job(std::uint64_t number, const Ticket& ticket) {
  if (!ticket.turn->wants(ticket)) {
    under_way_.erase(number);
    return jobs_.ended(ticket, JobEnd::untried, time_.boot());
  }
  Result<std::pair<Job, Fd>> job = ticket.turn->compose(ticket, number);
  if (!job) {
    Log("trouble").id(ticket.id).add("at", "open").add("reason", job.error().text).error();
    under_way_.erase(number);
    jobs_.ended(ticket, JobEnd::untried, time_.boot());
    return ticket.turn->put_off(ticket);
  }
  Address& recipient = job->first.recipients.front().recipient.address;
  Result<Address> full = Address::parse(full_address(recipient, settings()));
  if (full) recipient = std::move(*full);
  ++local_running_;
  const MessagePart message{job->second.get(), job->first.offset, job->first.length};
  const Result<bool> before = was_delivered_to(fs_, message, recipient.text());
  // Answered later, as every job is: this may be called from within the turn.
  const auto answer = [this](const LocalResult& result) {
    later(0, [this, result] { on_local_result(result); });
  };
  if (!before) return answer(not_started(number, before.error().text));
  if (*before) return answer(delivered_before(number));
  outside_.send_local_job(job->first, ticket.choice.destination, std::move(job->second));
}

void Manager::on_local_result(const LocalResult& result) {
  const auto at = under_way_.find(result.job);
  if (at == under_way_.end() || local_running_ == 0)
    return broken("lspawn answers a job that is not under way");
  --local_running_;
  JobResult told;
  told.job = result.job;
  told.end = true;
  RecipientGroup group;
  for (const std::uint32_t number : at->second.recipients)
    group.recipients.add(number);
  group.outcome = local_outcome(result, at->second.choice.type);
  told.transaction.groups.push_back(std::move(group));
  on_result(told);
  start_local_jobs();
}

// What was not begun needs no waiting for.
void Manager::give_local_jobs_back() {
  for (const std::uint64_t number : std::exchange(local_line_, {})) {
    const auto at = under_way_.find(number);
    if (at == under_way_.end()) continue;
    const Ticket ticket = std::move(at->second);
    under_way_.erase(at);
    jobs_.ended(ticket, JobEnd::untried, time_.boot());
    ticket.turn->put_off(ticket);
  }
}

} // namespace waypost::queue
