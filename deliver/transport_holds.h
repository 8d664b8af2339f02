// TransportHolds: transports that are held back as a whole though they have many destinations,
// because their proxy is at fault. No I/O.
//
// As with a destination (known_failures.h) the failure is known for a time, in which every job is
// answered with it. Then the job of one destination goes as a probe; the others wait for what
// becomes of it. Only what a sender tells of the proxy itself ends a hold, or lengthens it.
#pragma once

#include <map>
#include <string>

#include "deliver/known_failures.h"
#include "deliver/proxy_health.h"

namespace waypost::deliver {

class TransportHolds {
public:
  // The configuration is new.
  void reset(const std::vector<std::uint64_t>& retry_s);

  // The failure to answer with; none when a job may go. `kick`: the job's (lib/mail/job.h).
  [[nodiscard]] const Outcome* known(const std::string& transport, std::uint64_t now_ms,
                                     std::uint64_t kick = 0) const {
    return failures_.known({transport, ""}, now_ms, kick);
  }
  // A job is given to a sender: the probe, where the transport is failing.
  void probing(const std::string& transport, std::uint64_t kick) {
    failures_.probing({transport, ""}, kick);
  }
  // It has failed, and has reached nobody since.
  [[nodiscard]] bool failing(const std::string& transport) const {
    return failures_.failing({transport, ""});
  }
  // How it stands, also while a probe is under way; none when it is not failing.
  [[nodiscard]] std::optional<KnownFailures::Standing>
  standing(const std::string& transport) const {
    return failures_.of_transport(transport);
  }
  // Whether this destination's jobs may go: while the transport is failing, those of one alone,
  // which is noted as the probe.
  [[nodiscard]] bool may_go(const DestinationKey& key);
  // Nothing of it is under way any more. True when it was the probe, and has shown nothing: another
  // may go.
  [[nodiscard]] bool probe_over(const DestinationKey& key);

  enum class Change : std::uint8_t {
    none,
    held,       // by this
    held_again, // the probe has failed
    released,
  };
  [[nodiscard]] Change take(const DestinationKey& key, const ProxyReport& report,
                            std::uint64_t now_ms);

private:
  KnownFailures failures_; // of {transport, ""}
  std::map<std::string, ProxyHealth> proxies_;
  std::map<std::string, std::string> probes_; // transport, and the destination that is tried
};

} // namespace waypost::deliver
