// A small set of transports, and queries in words: for the tests of what routes answer.
#pragma once

#include <criterion/criterion.h>
#include <string>

#include "route/answer.h"
#include "route/configuration.h"

namespace waypost::route {

inline constexpr const char* kTransports = R"(
[transport.relay]
type = "smtp"
host = "smtp.isp.example"
recipients_per_message = 7
[transport.ses]
type = "submission"
host = "2001:db8::1"
[transport.socks]
type = "socks"
proxy = "10.9.0.1:1080"
[transport.closed]
type = "fail"
code = 551
text = "closed for good"
)";

// Lines count from the rules: line 1 is the first of `rules`.
inline Routes routes_of(const std::string& rules) {
  auto snapshot = configure(rules + kTransports, "waypost.toml");
  std::string why = snapshot ? "" : snapshot.error()[0].text;
  cr_assert(snapshot.has_value(), "%s\n%s", rules.c_str(), why.c_str());
  snapshot->settings.generation = 77;
  return Routes(std::move(*snapshot));
}

inline RouteQuery query(std::string from, std::string to, std::uint32_t attempt = 1) {
  RouteQuery one;
  one.query = 5;
  one.from = std::move(from);
  one.to = std::move(to);
  one.attempt = attempt;
  return one;
}

inline RouteQuery handed_in_by(std::string account, RouteQuery one) {
  one.account = std::move(account);
  return one;
}

inline RouteQuery failed_with(FailureClasses classes, std::vector<std::string> refused,
                              RouteQuery one) {
  one.classes = classes;
  one.refused = std::move(refused);
  return one;
}

inline RouteQuery refused_now(FailureClass refusal, RouteQuery one) {
  one.refusal = refusal;
  one.classes.add(refusal);
  return one;
}

// Transport and rule, "wait" or "bounce".
inline std::string answered(const Routes& routes, const RouteQuery& one) {
  const RouteAnswer got = answer(routes, one);
  if (!got.wait.empty()) return "wait";
  if (got.bounce) return "bounce";
  return got.transport + " " + got.rule;
}

inline void expect(const Routes& routes, const RouteQuery& one, const char* want) {
  const std::string got = answered(routes, one);
  cr_expect(got == want, "from %s to %s attempt %u: wanted %s, got %s", one.from.c_str(),
            one.to.c_str(), one.attempt, want, got.c_str());
}

} // namespace waypost::route
