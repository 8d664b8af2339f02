// Attempt: one job's way through the hosts, and the results that come of it. No I/O.
//
// Keeps which recipients are still open, which addresses come next, what was tried and why it
// failed, and which of the failures speaks for the rest when no host is left: the last that a host
// itself uttered, else the last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deliver/dialogue.h"
#include "deliver/greeting.h"
#include "deliver/hosts.h"
#include "lib/mail/job.h"

namespace waypost::deliver {

class Attempt {
public:
  // `job` outlives this.
  explicit Attempt(const Job& job);

  // The hosts for this job, in its order; or the outcome that there are none.
  void set_hosts(const HostList& hosts, FamilyPolicy family);
  [[nodiscard]] bool has_hosts() const { return has_hosts_; }
  [[nodiscard]] std::optional<HostAddress> next_host();
  [[nodiscard]] bool has_more_hosts() const { return next_ < order_.size(); }

  [[nodiscard]] bool open() const { return !left_.empty(); }
  // Those of the open recipients that go into the next transaction of this connection: as many as
  // the transport and the server's limits allow. None: it has named all the domains that it may.
  [[nodiscard]] std::vector<std::size_t> next_recipients(Connection& peer,
                                                         const Transport& transport) const;

  // A connection was closed when it had done its part: its host is asked again for the rest.
  void return_to(const HostAddress& host);
  // A host that could not be used at all, or that was lost before anything was decided.
  void host_failed(const HostAddress& host, const HostFailure& failure);
  // The transport's way to every host is at fault: that speaks for the rest, whatever hosts said.
  void way_failed(const Outcome& outcome) { way_failed_ = outcome; }
  [[nodiscard]] bool has_way() const { return !way_failed_; }
  // RFC 7504: for direct delivery 521 from every host of the best preference is final.
  [[nodiscard]] Outcome last_word(bool direct) const;

  std::vector<std::string> steps; // since the last result

  // The result of a transaction; `host` and `tls` as it was made.
  [[nodiscard]] JobResult result(const Verdicts& verdicts, const HostAddress& host,
                                 std::string tls);
  // The result for all that are open, when no host is left or none can help.
  [[nodiscard]] JobResult give_up(const Outcome& outcome);

private:
  void settle(JobResult& result, std::size_t recipient, const Outcome& outcome);

  const Job& job_;
  std::vector<std::size_t> left_;
  std::vector<HostAddress> order_;
  std::size_t next_ = 0;
  bool has_hosts_ = false;
  std::uint32_t best_ = 0;       // preference
  std::size_t best_count_ = 0;   // addresses of that preference
  std::size_t best_never_ = 0;   // of them, how many said 521
  std::optional<Outcome> never_; // the last of those
  std::optional<Outcome> no_hosts_;
  std::optional<Outcome> way_failed_;
  std::optional<HostFailure> failure_;
  std::optional<HostAddress> failed_at_;
  std::string first_; // address that was tried
};

// An outcome in one line, for a step.
[[nodiscard]] std::string in_one_line(const Outcome& outcome);

} // namespace waypost::deliver
