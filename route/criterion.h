// Criteria: what a rule asks of a message, one function each.
//
// Three values: `any` the rule does not ask, `yes` it asks and this fits, `no` it does not fit. A
// rule matches when no criterion says `no`.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/mail/snapshot.h"
#include "route/question.h"

namespace waypost::route {

enum class Match : std::uint8_t { any, yes, no };

[[nodiscard]] Match match_from(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_to(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_attempt(const RouteRule& rule, const Question& question);
[[nodiscard]] Match match_after(const RouteRule& rule, const Question& question);
[[nodiscard]] bool matches(const RouteRule& rule, const Question& question);

// "example.com" fits itself; ".example.com" fits it and all below it; a literal fits itself alone.
// Both in normal form. No pattern fits an empty domain.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view domain);

} // namespace waypost::route
