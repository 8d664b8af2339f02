#include "deliver/link.h"

#include <algorithm>

#include "deliver/policy.h"
#include "deliver/sender_records.h"
#include "deliver/settle.h"

namespace waypost::deliver {

Link::Link(uv_loop_t* loop, Fd channel, LinkOwner& owner, std::string its_transport,
           std::string its_destination, Standing its_standing)
    : transport(std::move(its_transport)),
      destination(std::move(its_destination)),
      standing(its_standing),
      owner_(owner),
      channel_(loop, std::move(channel), Fd(), kMaxJobFrame, *this) {}

void Link::give(const Job& job, Record record, Fd message) {
  jobs_[job.job] = recipients_of(job);
  channel_.send(std::move(record), {}, std::move(message));
}

std::vector<std::uint64_t> Link::jobs() const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [job, open] : jobs_)
    numbers.push_back(job);
  return numbers;
}

std::vector<JobResult> Link::abandoned(const std::string& why) const {
  std::vector<JobResult> results;
  for (const auto& [job, open] : jobs_)
    results.push_back(settle_all(job, open, own_trouble(why)));
  return results;
}

// Takes the result's recipients off the job's open ones; an error when it speaks of any other.
Result<JobResult> Link::checked(const Record& record) {
  Result<JobResult> result = job_result(record);
  if (!result) return result;
  const auto job = jobs_.find(result->job);
  if (job == jobs_.end()) return fail("a result for a job that it does not have");
  std::vector<std::uint32_t>& open = job->second;
  for (const RecipientGroup& group : result->transaction.groups) {
    const std::uint64_t before = open.size();
    std::erase_if(open, [&](std::uint32_t number) { return group.recipients.contains(number); });
    if (before - open.size() != group.recipients.count()) {
      return fail("a result for recipients that are not open");
    }
  }
  if (result->end != open.empty()) return fail("a job that ends too early, or not at all");
  if (result->end) {
    jobs_.erase(job);
    worked_ = true;
  }
  return result;
}

void Link::on_frame(Frame frame) {
  const std::string_view type = frame.record.get("type");
  if (type == "tls") return owner_.on_tls_used(*this);
  if (type == "up") return owner_.on_up(*this);
  if (type == "leaving") return owner_.on_leaving(*this);
  if (type == "down") {
    const std::optional<Outcome> outcome = down_outcome(frame.record);
    return outcome ? owner_.on_down(*this, *outcome) : nonsense("a failure that is none");
  }
  if (type == "proxy") {
    if (!owner_.on_proxy_record(*this, frame.record)) nonsense("no word on a proxy");
    return;
  }
  if (type == "hosts" || type == "open" || type == "want" || type == "closed") {
    if (!owner_.on_hosts_record(*this, frame.record)) nonsense("no permit to speak of");
    return;
  }
  const Result<JobResult> result = checked(frame.record);
  if (result) return owner_.on_result(*this, *result, std::move(frame.record));
  nonsense(result.error().text);
}

void Link::nonsense(const std::string& what) {
  channel_.close();
  owner_.on_sender_gone(*this, "the sender reported nonsense (" + what + ")");
}

void Link::on_closed(const std::optional<Error>& error) {
  owner_.on_sender_gone(*this, error ? "the sender's channel failed: " + error->text
                                     : std::string("the sender died"));
}

} // namespace waypost::deliver
