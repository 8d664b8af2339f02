#include "submit/delivery.h"

#include "deliver/policy.h"
#include "deliver/start.h"

namespace waypost::submit {

using net::Task;

Delivery::Delivery(net::Loop& loop, const Settings& settings, const Transport& transport, Fd line)
    : loop_(loop),
      settings_(settings),
      transport_(transport),
      resolver_(loop, settings.resolvers) {
  if (line) oracle_.emplace(loop, std::move(line));
}

Result<net::TlsContext*> Delivery::tls() {
  if (!tls_) {
    Result<std::unique_ptr<net::TlsContext>> opened = net::open_tls(deliver::trust_of(transport_));
    if (!opened) return std::unexpected(opened.error());
    tls_ = std::move(*opened);
  }
  return tls_.get();
}

Task<> Delivery::run(const Job& job, int message) {
  sent_ = Sent(); // what became of the message before says nothing of this one
  sent_.outcomes.resize(job.recipients.size());
  sent_.hosts.resize(job.recipients.size());
  recorder_.begin(loop_.now_ms(), false);
  const deliver::HostQuery query{settings_, transport_, transport_.host, {}};
  const deliver::HostList hosts = co_await deliver::find_hosts(resolver_, query);
  deliver::Attempt attempt(job);
  attempt.set_hosts(hosts, transport_.family);
  while (attempt.open()) {
    if (!peer_) {
      const bool ready = co_await connect(attempt);
      if (!ready) {
        const Outcome outcome = attempt.last_word(false);
        note(attempt.give_up(outcome));
        co_return;
      }
    }
    std::vector<std::size_t> next = attempt.next_recipients(*peer_, transport_);
    if (next.empty()) { // the server takes no more in this session
      attempt.return_to(peer_->to());
      peer_->quit();
      peer_.reset();
      continue;
    }
    deliver::Dialogue dialogue(*peer_, transport_, job, message, std::move(next));
    const deliver::Verdicts verdicts = co_await dialogue.run();
    take_verdicts(attempt, verdicts);
  }
  if (peer_) peer_->quit();
  peer_.reset();
}

Task<bool> Delivery::connect(deliver::Attempt& attempt) {
  deliver::OracleLine* const oracle = oracle_ ? &*oracle_ : nullptr;
  deliver::Greeter greeter(loop_, transport_, *this, "", oracle, recorder_);
  for (;;) {
    const std::optional<deliver::HostAddress> to = attempt.next_host();
    if (!to) co_return false;
    deliver::Opened opened = co_await greeter.open(*to, attempt.steps);
    if (opened) {
      recorder_.ready();
      peer_ = std::move(*opened);
      co_return true;
    }
    attempt.host_failed(*to, opened.error());
    // One wrong password is enough: servers lock accounts.
    login_refused_ = opened.error().of_login;
    if (login_refused_) co_return false;
  }
}

void Delivery::take_verdicts(deliver::Attempt& attempt, const deliver::Verdicts& verdicts) {
  const deliver::HostAddress host = peer_->to();
  if (!verdicts.settled.empty()) note(attempt.result(verdicts, host, peer_->tls()));
  if (verdicts.trouble && verdicts.hopeless) {
    note(attempt.give_up(*verdicts.trouble));
  } else if (verdicts.stale) {
    attempt.return_to(host);
  } else if (verdicts.trouble || !peer_->usable()) {
    deliver::HostFailure failure;
    failure.outcome = verdicts.trouble ? *verdicts.trouble
                                       : deliver::lost_connection(deliver::Stage::data,
                                                                  "the server ended the session");
    if (attempt.open()) attempt.host_failed(host, failure);
  }
  if (verdicts.trouble || !peer_->usable()) peer_.reset();
}

void Delivery::note(const JobResult& result) {
  const Transaction& its = result.transaction;
  sent_.steps.insert(sent_.steps.end(), its.steps.begin(), its.steps.end());
  std::string host = its.host;
  if (!its.address.empty() && its.address != its.host) host += " [" + its.address + "]";
  for (const RecipientGroup& group : its.groups) {
    for (std::size_t i = 0; i < sent_.outcomes.size(); ++i) {
      if (!group.recipients.contains(static_cast<std::uint32_t>(i))) continue;
      sent_.outcomes[i] = group.outcome;
      sent_.hosts[i] = host;
    }
  }
}

Sent Delivery::take() {
  sent_.dialogue += recorder_.take();
  return sent_;
}

} // namespace waypost::submit
