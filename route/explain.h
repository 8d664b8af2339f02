// Explain: which transport a recipient gets at attempts 1, 2, ..., which rule says so, and why each
// other rule does not. What `waypost route` prints, as values.
//
// It asks the same decide() that mail is routed by; nothing is worked out a second way.
#pragma once

#include <string>
#include <vector>

#include "route/decision.h"

namespace waypost::route {

// One criterion that did not fit.
struct Reason {
  std::string criterion; // account, domain, from, to, attempt, after, refused, order
  std::string wanted;
  std::string got;
};

struct Loss {
  const RouteRule* rule = nullptr;
  std::vector<Reason> reasons;
};

// Attempts with the same answer.
struct Run {
  std::uint32_t first = 1;
  std::uint32_t last = 1;
  Decision decision;
  std::string destination;
  std::vector<Loss> lost; // in the order in which rules are tried; reasons hold for the whole run
};

// What a failure of a class would change from the second attempt on.
struct AfterFailure {
  FailureClass klass = FailureClass::none;
  Decision decision;
  bool moves = false; // also when the reply refused for good: it moves instead of bouncing
};

struct Story {
  std::vector<Run> runs;
  std::vector<AfterFailure> after; // only classes that some rule asks for
};

// `query` says from whom, to whom and for which account; `query.classes` are taken to have happened
// at the first attempt.
[[nodiscard]] Story explain(const Routes& routes, const RouteQuery& query, std::uint32_t attempts);

// Seconds from the first attempt to attempt `number`.
[[nodiscard]] std::uint64_t time_of_attempt(const Settings& settings, std::uint32_t number);

} // namespace waypost::route
