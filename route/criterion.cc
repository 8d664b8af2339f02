#include "route/criterion.h"

#include <algorithm>

#include "lib/mail/domain_pattern.h"

namespace waypost::route {
namespace {

Match match_domain(const std::vector<std::string>& patterns, std::string_view domain) {
  if (patterns.empty()) return Match::any;
  const auto fits_domain = [&](const std::string& pattern) { return fits(pattern, domain); };
  return std::ranges::any_of(patterns, fits_domain) ? Match::yes : Match::no;
}

} // namespace

Match match_from(const RouteRule& rule, const Question& question) {
  return match_domain(rule.from, question.from);
}

Match match_to(const RouteRule& rule, const Question& question) {
  return match_domain(rule.to, question.to);
}

Match match_attempt(const RouteRule& rule, const Question& question) {
  if (rule.attempt == 0) return Match::any;
  return question.attempt >= rule.attempt ? Match::yes : Match::no;
}

Match match_after(const RouteRule& rule, const Question& question) {
  if (rule.after.empty()) return Match::any;
  return rule.after.intersects(question.classes) ? Match::yes : Match::no;
}

bool matches(const RouteRule& rule, const Question& question) {
  return match_from(rule, question) != Match::no && match_to(rule, question) != Match::no &&
         match_attempt(rule, question) != Match::no && match_after(rule, question) != Match::no;
}

} // namespace waypost::route
