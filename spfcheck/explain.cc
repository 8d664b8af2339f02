#include "spfcheck/explain.h"

#include "lib/sys/text.h"
#include "spfcheck/received_spf.h"

namespace waypost::spfcheck {
namespace {

const char* type_name(net::DnsType type) {
  switch (type) {
  case net::DnsType::a: return "A";
  case net::DnsType::ptr: return "PTR";
  case net::DnsType::mx: return "MX";
  case net::DnsType::txt: return "TXT";
  case net::DnsType::aaaa: return "AAAA";
  }
  return "";
}

const char* trial_text(Trial trial) {
  switch (trial) {
  case Trial::matched: return "matches";
  case Trial::no_match: return "no match";
  case Trial::error: return "error";
  }
  return "";
}

void line(std::string& out, int depth, const std::string& text) {
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
  out += printable(text) + "\n";
}

void add_lookups(std::string& out, int depth, const std::vector<LookupTrace>& lookups) {
  for (const LookupTrace& one : lookups) {
    std::string text = question_text(one.question) + " -> " + one.answer;
    if (one.status == net::DnsStatus::found) text += " (" + std::to_string(one.ttl) + " s)";
    if (one.is_void) text += " [void]";
    line(out, depth, text);
  }
}

void add_domain(std::string& out, int depth, const DomainTrace& domain);

void add_term(std::string& out, int depth, const TermTrace& term) {
  std::string text = term.term + "  " + trial_text(term.trial);
  if (!term.why.empty()) text += ": " + term.why;
  if (term.cost > 0) text += "  [lookup " + std::to_string(term.lookups_so_far) + "]";
  line(out, depth, text);
  add_lookups(out, depth + 1, term.lookups);
  if (term.inner) add_domain(out, depth + 1, *term.inner);
}

// At most as deep as there are lookups: each level below costs one.
void add_domain(std::string& out, int depth, const DomainTrace& domain) {
  const std::string said = std::string(name_of(domain.result));
  line(out, depth, domain.domain + "  " + said + (domain.why.empty() ? "" : ": " + domain.why));
  add_lookups(out, depth + 1, domain.lookups);
  for (const TermTrace& term : domain.terms)
    add_term(out, depth + 1, term);
}

} // namespace

std::string question_text(const Question& question) {
  return std::string(type_name(question.type)) + " " + question.name;
}

std::string summary_text(const CheckResult& result, const Query& query, const std::string& sender) {
  std::string out;
  line(out, 0, std::string("result: ") + name_of(result.result));
  if (!result.mechanism.empty())
    line(out, 0, "mechanism: " + result.mechanism + " of " + result.record_domain);
  line(out, 0, "why: " + result.why);
  if (!result.explanation.empty()) line(out, 0, "explanation: " + result.explanation);
  line(out, 0,
       "lookups: " + std::to_string(result.lookups) + " of 10, without a record " +
           std::to_string(result.void_lookups) + " of 2");
  return out + received_spf(result, query, sender) + "\n";
}

std::string tree_text(const CheckResult& result) {
  std::string out;
  add_domain(out, 0, result.trace);
  return out;
}

} // namespace waypost::spfcheck
