// KnownFailures: destinations that failed as a whole, and for how long nobody need find out again.
// No I/O.
//
// As a whole: no host of it could be made ready for a message (nothing connected, every greeting
// refused, its names not to be looked up). While a failure is known, jobs are answered with it at
// once: an attempt that touches no network. Then one job goes as a probe, and what else has come
// waits for what becomes of it. Any answer to a message clears the failure. Whoever kicks a message
// by hand has mended something: each kick is a probe at once, one for all its messages.
//
// The time is kFirstMs, doubled by each probe that fails, at most kMostMs (of a login that fails, 1
// to 15 minutes: servers count wrong passwords), and never longer than
// half of the shortest wait of `retry`: so a message that is alone with its destination is really
// tried at each of its attempts, whatever the intervals are, and of many only a few are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/mail/outcome.h"

namespace waypost::deliver {

// A transport and a destination. A transport that has only one (a smarthost) is held back as a
// whole by this.
using DestinationKey = std::pair<std::string, std::string>;

class KnownFailures {
public:
  static constexpr std::uint64_t kFirstMs = 30'000;
  static constexpr std::uint64_t kMostMs = 600'000;
  static constexpr std::uint64_t kFirstLoginMs = 60'000;
  static constexpr std::uint64_t kMostLoginMs = 900'000;

  // The configuration is new, and may have put right what was wrong.
  void reset(const std::vector<std::uint64_t>& retry_s);

  // The failure to answer with; none when a job may go. `kick`: the job's (lib/mail/job.h).
  [[nodiscard]] const Outcome* known(const DestinationKey& key, std::uint64_t now_ms,
                                     std::uint64_t kick = 0) const;
  // It has failed, and has not taken mail since: what goes to it is a probe.
  [[nodiscard]] bool failing(const DestinationKey& key) const { return all_.contains(key); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  // The failure of any destination of a transport; none when none is failing.
  struct Standing {
    const Outcome* why;
    std::uint64_t since_ms;
    std::uint64_t until_ms; // then the next job finds out
  };
  [[nodiscard]] std::optional<Standing> of_transport(const std::string& transport) const;

  // A job goes as a probe: what comes now waits for it.
  void probing(const DestinationKey& key, std::uint64_t kick);
  // True when this is news; a second one within the time of the first changes nothing. `kick`: the
  // latest of the jobs that have found it out.
  bool failed(const DestinationKey& key, const Outcome& outcome, std::uint64_t now_ms,
              std::uint64_t kick = 0);
  // True when it was failing.
  bool answered(const DestinationKey& key) { return all_.erase(key) > 0; }

private:
  static constexpr std::size_t kMostRemembered = 20'000;

  struct Failure {
    Outcome outcome;
    std::uint64_t since_ms = 0;
    std::uint64_t until_ms = 0;
    std::uint64_t wait_ms = 0; // the last time
    std::uint64_t kick = 0;    // the latest that has had its probe
  };
  void forget_old(std::uint64_t now_ms);

  std::map<DestinationKey, Failure> all_;
  std::uint64_t most_ms_ = UINT64_MAX; // by the waits of `retry`
};

} // namespace waypost::deliver
