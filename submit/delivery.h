// Delivery: sends one message at once to the one host that the configuration names, by the sender's
// own dialogue (deliver/): its host order, TLS, AUTH, transactions and judgement of replies.
//
// As a sender does it tries each address of the host, and as many transactions as the recipients
// need. What it cannot do stays an outcome of each recipient; nothing is tried twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deliver/attempt.h"
#include "deliver/greeting.h"
#include "deliver/oracle_line.h"
#include "lib/mail/job.h"

namespace waypost::submit {

struct Sent {
  std::vector<std::optional<Outcome>> outcomes; // by the recipients' numbers; none: still open
  std::vector<std::string> hosts;               // which decided it, in the same order
  std::vector<std::string> steps;               // fall-backs, addresses that failed
  std::string dialogue;                         // transcript.h; no secret is in it
};

class Delivery final : public deliver::TlsSource {
public:
  // All outlive this. `line`: to who knows the login's secret; none where there is no login.
  Delivery(net::Loop& loop, const Settings& settings, const Transport& transport, Fd line);

  // `job` has its recipients numbered from 0 on. Both are owned by who awaits.
  [[nodiscard]] net::Task<> run(const Job& job, int message);
  // What is known at any moment; the dialogue so far is taken out.
  [[nodiscard]] Sent take();
  // So it would be for another message.
  [[nodiscard]] bool login_refused() const { return login_refused_; }

  Result<net::TlsContext*> tls() override;

private:
  net::Task<bool> connect(deliver::Attempt& attempt);
  void take_verdicts(deliver::Attempt& attempt, const deliver::Verdicts& verdicts);
  void note(const JobResult& result);

  net::Loop& loop_;
  const Settings& settings_;
  const Transport& transport_;
  net::Resolver resolver_; // not of a coroutine, which may end within its call
  std::optional<deliver::OracleLine> oracle_;
  std::unique_ptr<net::TlsContext> tls_;
  deliver::Recorder recorder_;
  std::unique_ptr<deliver::Connection> peer_;
  Sent sent_;
  bool login_refused_ = false;
};

} // namespace waypost::submit
