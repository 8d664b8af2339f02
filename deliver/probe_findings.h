// What a probe found, a finding a step, each with what it means and what can be done. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deliver/probe.h"

namespace waypost::deliver {

struct ProbeFinding {
  enum class Level : std::uint8_t { ok, note, trouble };
  enum class Step : std::uint8_t { dns, proxy, connect, greeting, ehlo, tls, auth };
  Level level = Level::ok;
  Step step = Step::dns;
  std::string host;  // of which it speaks; empty: of the destination
  std::string found; // safe to print
  std::string means; // empty where it is what it should be
  std::string act;
};

[[nodiscard]] std::string_view name(ProbeFinding::Level);
[[nodiscard]] std::string_view name(ProbeFinding::Step);

[[nodiscard]] std::vector<ProbeFinding> findings_of(const ProbeFindings& found);

// 0: a host is ready for mail; 100: what stands in the way lasts until somebody acts; 111: it may
// pass.
[[nodiscard]] int probe_status(const ProbeFindings& found);

} // namespace waypost::deliver
