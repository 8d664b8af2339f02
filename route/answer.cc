#include "route/answer.h"

#include "lib/mail/address.h"
#include "route/local_decision.h"

namespace waypost::route {
namespace {

void refuse(RouteAnswer& answer, const Decision& decision) {
  answer.transport = kLocalTransport;
  answer.type = name(TransportType::fail);
  answer.rule = rule_of(decision);
  answer.code = 550;
  answer.text = decision.reason;
  answer.klass = decision.klass;
}

void use(RouteAnswer& answer, const Decision& decision, const Question& question,
         const Settings& settings) {
  const Transport& transport = *decision.transport;
  answer.transport = transport.name;
  answer.type = name(transport.type);
  answer.destination = place_of(decision, question, settings);
  answer.rule = rule_of(decision);
  answer.recipients = transport.recipients_per_message;
  answer.to = decision.to;
  if (transport.type == TransportType::fail) {
    answer.code = transport.code;
    answer.text = transport.text;
  }
}

} // namespace

std::string rule_of(const Decision& decision) {
  std::string rule = decision.by_hand ? "by hand" : "default";
  if (decision.rule != nullptr) rule = decision.rule->where;
  return decision.alias.empty() ? rule : decision.alias + ", " + rule;
}

std::string place_of(const Decision& decision, const Question& question, const Settings& settings) {
  if (!decision.mailbox.empty()) return decision.mailbox;
  if (decision.to.empty()) return destination(*decision.transport, question, settings);
  // An alias led to another domain: its servers.
  RouteQuery elsewhere;
  const Result<Address> to = Address::parse(decision.to);
  if (to) elsewhere.to = to->domain();
  return destination(*decision.transport, question_of(elsewhere), settings);
}

RouteAnswer answer(const Routes& routes, const RouteQuery& query) {
  const Question question = question_of(query);
  const Settings& settings = routes.snapshot().settings;
  const Decision decision = decide_for_recipient(routes, question);
  RouteAnswer answer;
  answer.query = query.query;
  answer.generation = settings.generation;
  switch (decision.kind) {
  case Decision::Kind::bounce: answer.bounce = true; break;
  case Decision::Kind::wait: answer.wait = decision.reason; break;
  case Decision::Kind::ask_local: answer.ask_local = true; break;
  case Decision::Kind::refuse: refuse(answer, decision); break;
  case Decision::Kind::use: use(answer, decision, question, settings); break;
  case Decision::Kind::expand:
    answer.members = decision.members;
    answer.sender = decision.sender;
    answer.rule = decision.alias;
    break;
  }
  return answer;
}

} // namespace waypost::route
