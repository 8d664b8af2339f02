// Criteria: what a rule asks of a message, one function each.
//
// Three values: `any` the rule does not ask, `yes` it asks and this fits, `no` it does not fit. A
// rule matches when no criterion says `no`.
#pragma once

#include <cstdint>

#include "lib/mail/snapshot.h"
#include "route/question.h"

namespace waypost::route {

enum class Match : std::uint8_t { any, yes, no };

[[nodiscard]] Match match_from(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_to(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_attempt(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_after(const RouteRule& rule, const Question& question);
[[nodiscard]] bool matches(const RouteRule& rule, const Question& question);

} // namespace waypost::route
