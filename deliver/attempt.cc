#include "deliver/attempt.h"

#include <algorithm>
#include <numeric>

#include "deliver/policy.h"

namespace waypost::deliver {

Attempt::Attempt(const Job& job) : job_(job), left_(job.recipients.size()) {
  std::iota(left_.begin(), left_.end(), std::size_t{0});
}

void Attempt::set_hosts(const HostList& hosts, FamilyPolicy family) {
  has_hosts_ = true;
  steps.insert(steps.end(), hosts.steps.begin(), hosts.steps.end());
  no_hosts_ = hosts.outcome;
  order_ = order_for(job_, family, hosts.addresses);
  if (order_.empty()) return;
  best_ = std::ranges::min(order_, {}, &HostAddress::preference).preference;
  best_count_ =
      static_cast<std::size_t>(std::ranges::count(order_, best_, &HostAddress::preference));
}

std::optional<HostAddress> Attempt::next_host() {
  if (next_ == order_.size()) return std::nullopt;
  if (next_ == 0 && !order_.front().by_name) first_ = order_.front().address.text();
  return order_[next_++];
}

void Attempt::return_to(const HostAddress& host) {
  const auto tried = order_.begin() + static_cast<std::ptrdiff_t>(next_);
  const auto found = std::find(order_.begin(), tried, host);
  if (found != tried) next_ = static_cast<std::size_t>(found - order_.begin());
}

std::vector<std::size_t> Attempt::next_recipients(Connection& peer,
                                                  const Transport& transport) const {
  const Capabilities& offered = peer.offered;
  std::size_t most = std::max<std::size_t>(transport.recipients_per_message, 1);
  if (offered.rcpt_max != 0) most = std::min<std::size_t>(most, offered.rcpt_max);
  std::vector<std::size_t> next;
  for (const std::size_t one : left_) {
    if (next.size() == most) break;
    const Address& address = job_.recipients[one].recipient.address;
    if (peer.named.take(address, offered.rcpt_domain_max)) next.push_back(one);
  }
  return next;
}

void Attempt::host_failed(const HostAddress& host, const HostFailure& failure) {
  if (failure.never && host.preference == best_) {
    ++best_never_;
    never_ = failure.outcome;
  }
  steps.push_back(describe(host) + ": " + in_one_line(failure.outcome));
  if (failure_ && failure_->replied && !failure.replied) return;
  failure_ = failure;
  failed_at_ = host;
}

Outcome Attempt::last_word(bool direct) const {
  if (no_hosts_) return *no_hosts_;
  if (way_failed_) return *way_failed_;
  if (!failure_) return own_trouble("no host to try");
  const bool never = direct && best_count_ > 0 && best_never_ == best_count_;
  return never ? never_accepts(*never_) : failure_->outcome;
}

void Attempt::settle(JobResult& result, std::size_t recipient, const Outcome& outcome) {
  std::vector<RecipientGroup>& groups = result.transaction.groups;
  auto same = std::ranges::find(groups, outcome, &RecipientGroup::outcome);
  if (same == groups.end()) same = groups.insert(groups.end(), {{}, outcome});
  same->recipients.add(job_.recipients[recipient].number);
}

JobResult Attempt::result(const Verdicts& verdicts, const HostAddress& host, std::string tls) {
  JobResult result;
  result.job = job_.job;
  result.transaction.host = host.host;
  if (!host.by_name) result.transaction.address = host.address.text();
  result.transaction.tls = std::move(tls);
  result.transaction.steps = std::exchange(steps, {});
  for (const Verdicts::One& one : verdicts.settled)
    settle(result, one.recipient, one.outcome);
  std::erase_if(left_, [&](std::size_t recipient) {
    return std::ranges::binary_search(verdicts.settled, recipient, {}, &Verdicts::One::recipient);
  });
  result.end = left_.empty();
  return result;
}

JobResult Attempt::give_up(const Outcome& outcome) {
  JobResult result;
  result.job = job_.job;
  result.end = true;
  if (failed_at_) {
    result.transaction.host = failed_at_->host;
    if (!failed_at_->by_name) result.transaction.address = failed_at_->address.text();
    result.transaction.first = first_;
  }
  // The failure that speaks for all need not stand among the steps a second time.
  if (failed_at_ && !steps.empty()) {
    const std::string last = describe(*failed_at_) + ": " + in_one_line(failure_->outcome);
    if (steps.back() == last) steps.pop_back();
  }
  result.transaction.steps = std::exchange(steps, {});
  for (const std::size_t recipient : left_)
    settle(result, recipient, outcome);
  left_.clear();
  return result;
}

std::string in_one_line(const Outcome& outcome) {
  constexpr std::size_t kMost = 500;
  if (outcome.code == 0) return outcome.reply.substr(0, kMost);
  return Reply{outcome.code, outcome.reply, outcome.status}.one_line().substr(0, kMost);
}

} // namespace waypost::deliver
