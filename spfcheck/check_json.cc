#include "spfcheck/check_json.h"

#include "lib/sys/json.h"
#include "spfcheck/explain.h"
#include "spfcheck/received_spf.h"

namespace waypost::spfcheck {
namespace {

const char* status_name(net::DnsStatus status) {
  switch (status) {
  case net::DnsStatus::found: return "found";
  case net::DnsStatus::no_data: return "no_data";
  case net::DnsStatus::no_name: return "nxdomain";
  case net::DnsStatus::failed: return "failed";
  case net::DnsStatus::timed_out: return "timeout";
  }
  return "";
}

const char* trial_name(Trial trial) {
  switch (trial) {
  case Trial::matched: return "match";
  case Trial::no_match: return "no_match";
  case Trial::error: return "error";
  }
  return "";
}

std::string lookups_json(const std::vector<LookupTrace>& lookups) {
  JsonArray array;
  for (const LookupTrace& one : lookups) {
    JsonObject object;
    object.text("question", question_text(one.question)).text("status", status_name(one.status));
    object.text("answer", one.answer).boolean("void", one.is_void).number("ttl", one.ttl);
    array.add(object.str());
  }
  return array.str();
}

// At most as deep as there are lookups.
std::string term_json(const TermTrace& term) {
  JsonObject object;
  object.text("term", term.term).number("at", term.place.at);
  object.some_text("target", term.target).text("trial", trial_name(term.trial));
  object.some_text("why", term.why).number("cost", static_cast<std::uint64_t>(term.cost));
  object.raw("lookups", lookups_json(term.lookups));
  if (term.inner) object.raw("domain", trace_json(*term.inner));
  return object.str();
}

} // namespace

std::string trace_json(const DomainTrace& trace) {
  JsonObject object;
  object.text("domain", trace.domain).some_text("record", trace.record);
  object.text("result", name_of(trace.result)).some_text("why", trace.why);
  object.raw("lookups", lookups_json(trace.lookups));
  JsonArray terms;
  for (const TermTrace& term : trace.terms)
    terms.add(term_json(term));
  object.raw("terms", terms.str());
  return object.str();
}

std::string check_json(const CheckResult& result, const Query& query, const std::string& sender,
                       bool with_trace) {
  JsonObject object;
  object.text("ip", query.ip.text()).text("sender", sender).some_text("helo", query.helo);
  object.text("domain", query.domain).text("result", name_of(result.result));
  object.some_text("mechanism", result.mechanism);
  object.some_text("record_domain", result.record_domain).text("why", result.why);
  object.some_text("explanation", result.explanation);
  object.number("lookups", static_cast<std::uint64_t>(result.lookups));
  object.number("void_lookups", static_cast<std::uint64_t>(result.void_lookups));
  object.text("received_spf", received_spf(result, query, sender));
  if (with_trace) object.raw("trace", trace_json(result.trace));
  return object.str();
}

} // namespace waypost::spfcheck
