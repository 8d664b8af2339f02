// What a failure on the way to a server means, and what can be done: sentences for a person.
#pragma once

#include "deliver/probe_findings.h"

namespace waypost::deliver {

struct ProbeAdvice {
  std::string means;
  std::string act;
};

// `step`: where it failed; `dialogue` is not asked: the outcome's class and words are.
[[nodiscard]] ProbeAdvice advice_for(ProbeFinding::Step step, const Outcome& outcome,
                                     const Transport& transport);

} // namespace waypost::deliver
