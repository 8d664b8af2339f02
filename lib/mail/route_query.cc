#include "lib/mail/route_query.h"

namespace waypost {

Record to_record(const RouteQuery& query) {
  Record record;
  record.add_number("query", query.query).add_some("account", query.account);
  record.add_some("from", query.from).add_some("to", query.to);
  record.add_number("attempt", query.attempt).add_some("classes", query.classes.text());
  for (const std::string& transport : query.refused)
    record.add("refused", transport);
  record.add_some("hand", query.hand).add_some("refusal", name(query.refusal));
  record.add_some("local", query.local);
  if (query.expanded) record.add("expanded", "1");
  return record;
}

Result<RouteQuery> route_query(const Record& record) {
  RouteQuery query;
  const auto number = record.number("query");
  const auto attempt = record.number("attempt");
  const auto classes = FailureClasses::parse(record.get("classes"));
  if (!number || !attempt || *attempt == 0 || *attempt > UINT32_MAX || !classes) {
    return fail("route query: bad query, attempt or classes");
  }
  query.query = *number;
  query.attempt = static_cast<std::uint32_t>(*attempt);
  query.classes = *classes;
  query.account = record.get("account");
  query.from = record.get("from");
  query.to = record.get("to");
  query.hand = record.get("hand");
  query.local = record.get("local");
  query.expanded = record.get("expanded") == "1";
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record.field(i).key == "refused") query.refused.emplace_back(record.field(i).value);
  }
  if (record.has("refusal")) {
    const auto refusal = parse_failure_class(record.get("refusal"));
    if (!refusal) return fail("route query: bad refusal");
    query.refusal = *refusal;
  }
  return query;
}

Record to_record(const RouteAnswer& answer) {
  Record record;
  record.add_number("query", answer.query).add_number("generation", answer.generation);
  if (answer.bounce) return std::move(record.add("bounce", "1"));
  if (!answer.wait.empty()) return std::move(record.add("wait", answer.wait));
  if (answer.ask_local) return std::move(record.add("ask", "local"));
  if (!answer.members.empty()) {
    record.add("rule", answer.rule);
    for (const std::string& one : answer.members)
      record.add("member", one);
    record.add_some("sender", answer.sender);
    return record;
  }
  record.add("transport", answer.transport).add("type", answer.type);
  record.add("destination", answer.destination).add("rule", answer.rule);
  record.add_number("recipients", answer.recipients);
  if (answer.code != 0) record.add_number("code", static_cast<std::uint64_t>(answer.code));
  record.add_some("text", answer.text).add_some("to", answer.to);
  if (answer.klass != FailureClass::other) record.add("class", name(answer.klass));
  return record;
}

Result<RouteAnswer> route_answer(const Record& record) {
  RouteAnswer answer;
  const auto number = record.number("query");
  const auto generation = record.number("generation");
  if (!number || !generation) return fail("route answer: no query or generation");
  answer.query = *number;
  answer.generation = *generation;
  answer.bounce = record.get("bounce") == "1";
  answer.wait = record.get("wait");
  answer.ask_local = record.get("ask") == "local";
  if (answer.bounce || !answer.wait.empty() || answer.ask_local) return answer;
  answer.rule = record.get("rule");
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (record.field(i).key == "member") answer.members.emplace_back(record.field(i).value);
  }
  answer.sender = answer.members.empty() ? "" : record.get("sender");
  if (!answer.members.empty()) return answer;
  answer.transport = record.get("transport");
  answer.type = record.get("type");
  answer.destination = record.get("destination");
  answer.text = record.get("text");
  answer.to = record.get("to");
  if (record.has("class")) {
    const auto klass = parse_failure_class(record.get("class"));
    if (!klass) return fail("route answer: bad class");
    answer.klass = *klass;
  }
  answer.code = static_cast<int>(record.number("code").value_or(0));
  const auto recipients = record.number("recipients");
  if (answer.transport.empty() || answer.type.empty() || !recipients || *recipients == 0 ||
      *recipients > UINT32_MAX) {
    return fail("route answer: a field is missing");
  }
  answer.recipients = static_cast<std::uint32_t>(*recipients);
  return answer;
}

} // namespace waypost
