#include "route/decision.h"

#include "lib/sys/text.h"
#include "route/criterion.h"

namespace waypost::route {
namespace {

Decision use(const Transport* transport, const RouteRule* rule) {
  Decision decision;
  decision.kind = Decision::Kind::use;
  decision.transport = transport;
  decision.rule = rule;
  return decision;
}

Decision wait(std::string reason) {
  Decision decision;
  decision.reason = std::move(reason);
  return decision;
}

// What a person chose stays until the person gives the choice back, so no rule can lead elsewhere:
// a failure for good is one.
Decision decide_by_hand(const Routes& routes, const Question& question) {
  Decision decision;
  decision.by_hand = true;
  if (question.refusal != FailureClass::none) {
    decision.kind = Decision::Kind::bounce;
    return decision;
  }
  decision.transport = routes.snapshot().transport(question.hand);
  if (decision.transport != nullptr) {
    decision.kind = Decision::Kind::use;
  } else {
    decision.reason = "the transport \"" + printable(question.hand) +
                      "\", set by hand, does not exist; set another, or give the choice back to "
                      "the routes";
  }
  return decision;
}

Decision decide_after_refusal(const Routes& routes, const Question& question) {
  Decision bounce;
  bounce.kind = Decision::Kind::bounce;
  if (!may_move(question.refusal)) return bounce;
  for (const std::uint32_t number : routes.index().candidates(question)) {
    const RouteRule& rule = routes.snapshot().routes[number];
    if (!rule.after.has(question.refusal) || !matches(rule, question)) continue;
    if (question.was_refused_by(rule.transport)) continue;
    return use(routes.snapshot().transport(rule.transport), &rule);
  }
  return bounce;
}

std::string names_of(const std::vector<std::string>& transports) {
  std::string all;
  for (const std::string& one : transports) {
    if (!all.empty()) all += ", ";
    all += printable(one);
  }
  return all;
}

// The name of this machine stands for the domain that a bare local part does not have.
std::string domain_of(const Question& question, const Settings& settings) {
  return question.to.empty() ? settings.hostname : question.to;
}

std::string host_and_port(const Transport& transport) {
  const bool brackets = transport.host.find(':') != std::string::npos;
  return (brackets ? "[" + transport.host + "]" : transport.host) + ":" +
         std::to_string(transport.port);
}

} // namespace

Routes::Routes(Snapshot snapshot, FindUser users)
    : snapshot_(std::move(snapshot)),
      index_(snapshot_.routes),
      aliases_(std::make_shared<AliasBook>(snapshot_.settings.alias_file)),
      users_(std::move(users)) {}

bool passed_over(const RouteRule& rule, const Question& question) {
  return question.was_refused_by(rule.transport);
}

Decision decide(const Routes& routes, const Question& question) {
  if (!routes.loaded()) {
    return wait("there is no compiled configuration yet; run waypost-config compile");
  }
  if (!question.hand.empty()) return decide_by_hand(routes, question);
  if (question.refusal != FailureClass::none) return decide_after_refusal(routes, question);
  bool any_matched = false;
  for (const std::uint32_t number : routes.index().candidates(question)) {
    const RouteRule& rule = routes.snapshot().routes[number];
    if (!matches(rule, question)) continue;
    any_matched = true;
    if (!passed_over(rule, question))
      return use(routes.snapshot().transport(rule.transport), &rule);
  }
  // Never direct past a rule that was passed over: it may be the mandatory smarthost's.
  if (!any_matched && !question.was_refused_by("direct")) {
    return use(routes.snapshot().transport("direct"), nullptr);
  }
  return wait("every transport that the rules allow has refused this recipient for good (" +
              names_of(question.refused) + "); a further rule can lead elsewhere");
}

std::string destination(const Transport& transport, const Question& question,
                        const Settings& settings) {
  switch (transport.type) {
  case TransportType::direct:
  case TransportType::socks: return domain_of(question, settings);
  case TransportType::smtp:
  case TransportType::submission:
  case TransportType::submissions: return host_and_port(transport);
  case TransportType::fail:
  case TransportType::maildir:
  case TransportType::mbox:
  case TransportType::lmtp:
  case TransportType::pipe:
  case TransportType::aliases: return transport.name;
  }
  return {};
}

} // namespace waypost::route
