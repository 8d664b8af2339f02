#include "spfcheck/domain_ways.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/advice.h"
#include "spfcheck/check_host.h"
#include "spfcheck/lookup_cost.h"
#include "spfcheck/published.h"
#include "spfcheck/service_samples.h"
#include "spfcheck/suggestion.h"

namespace waypost::spfcheck {
namespace {

// By which term of the domain's own record an address was decided.
std::optional<std::size_t> decided_at(const CheckResult& checked) {
  const auto& terms = checked.trace.terms;
  if (terms.empty() || terms.back().trial != Trial::matched) return std::nullopt;
  return terms.back().place.at;
}

std::string by(const CheckResult& checked) {
  if (checked.mechanism.empty()) return checked.why.empty() ? "" : ": " + checked.why;
  return " by " + checked.mechanism + " of " + checked.record_domain;
}

Severity severity_of(SpfResult result) {
  if (result == SpfResult::pass) return Severity::fine;
  return result == SpfResult::temperror ? Severity::later : Severity::wrong;
}

class Check {
public:
  Check(Resolver& resolver, std::string domain, std::vector<VisibleWay> ways)
      : resolver_(resolver),
        ways_(std::move(ways)) {
    report_.domain = std::move(domain);
  }

  net::Task<DomainReport> run() {
    published_ = co_await published_spf(resolver_, report_.domain);
    cost_ = co_await lookup_cost(resolver_, report_.domain);
    if (published_.record) report_.record = published_.text;
    for (const VisibleWay& one : ways_) {
      co_await check_way(one);
    }
    judge_record();
    co_await suggest_record();
    co_return std::move(report_);
  }

private:
  Finding& add(const VisibleWay& from, std::string subject) {
    Finding one;
    one.check = "spf";
    one.transport = from.way.transport->name;
    one.routes = from.way.routes;
    one.subject = std::move(subject);
    report_.findings.push_back(std::move(one));
    return report_.findings.back();
  }

  void remark(Severity severity, std::string text) {
    Finding one;
    one.check = "record";
    one.severity = severity;
    one.text = std::move(text);
    report_.findings.push_back(std::move(one));
  }

  net::Task<> check_way(const VisibleWay& one) {
    for (const std::string& why : one.visible.unknown) {
      Finding& finding = add(one, "");
      finding.severity = Severity::unknown;
      finding.text = why;
    }
    for (const net::IpAddress& address : one.visible.addresses) {
      co_await check_address(one, address);
    }
    for (const std::string& mechanism : one.visible.mechanisms) {
      co_await check_service(one, mechanism);
    }
  }

  net::Task<CheckResult> check(Resolver& resolver, net::IpAddress address, std::string helo) {
    const Query query = mail_from_query(address, "postmaster@" + report_.domain, helo);
    CheckResult checked = co_await check_host(resolver, query);
    co_return checked;
  }

  net::Task<> check_address(const VisibleWay& one, net::IpAddress address) {
    const std::string helo = one.way.transport->helo;
    const CheckResult checked = co_await check(resolver_, address, helo);
    Finding& finding = add(one, address.text());
    finding.result = name_of(checked.result);
    finding.mechanism = checked.mechanism;
    finding.severity = severity_of(checked.result);
    finding.text = finding.result + by(checked);
    if (finding.severity != Severity::wrong) co_return;
    missing_.push_back(
        {report_.findings.size() - 1, address_term(address), helo, {address}, decided_at(checked)});
  }

  net::Task<> check_service(const VisibleWay& one, std::string mechanism) {
    const Samples samples = co_await sample_service(resolver_, mechanism);
    const std::string helo = one.way.transport->helo;
    const std::size_t number = report_.findings.size();
    add(one, mechanism);
    Need need{number, mechanism, helo, samples.addresses, std::nullopt};
    const bool named = is_included(mechanism);
    std::string why = co_await try_samples(samples, number, need);
    Finding& finding = report_.findings[number];
    if (!samples.wrong.empty()) {
      finding.severity = Severity::wrong;
      finding.text = "spf of transport \"" + finding.transport + "\" is wrong: " + samples.wrong;
      co_return;
    }
    if (why.empty()) why = what_stays_open(finding, samples, named);
    judge_service(finding, samples, why, named);
    if (finding.severity == Severity::wrong) missing_.push_back(std::move(need));
  }

  // What keeps a service from being fine though no address of it failed.
  [[nodiscard]] std::string what_stays_open(Finding& finding, const Samples& samples,
                                            bool named) const {
    const bool untried = samples.addresses.empty() && !named;
    std::string unknown = samples.unknown;
    if (unknown.empty() && untried) unknown = cost_.unknown;
    if (!unknown.empty()) finding.severity = Severity::later;
    return unknown.empty() && untried ? "the record does not name it" : unknown;
  }

  // Every sample passes: "". Else the first that does not, and how.
  net::Task<std::string> try_samples(const Samples& samples, std::size_t number, Need& need) {
    for (const net::IpAddress& address : samples.addresses) {
      const CheckResult checked = co_await check(resolver_, address, need.helo);
      Finding& finding = report_.findings[number];
      finding.result = name_of(checked.result);
      finding.mechanism = checked.mechanism;
      finding.severity = severity_of(checked.result);
      if (checked.result == SpfResult::pass) continue;
      need.before = decided_at(checked);
      std::string why = address.text() + " of it: " + finding.result + by(checked);
      co_return why;
    }
    co_return std::string();
  }

  [[nodiscard]] bool is_included(const std::string& mechanism) const {
    constexpr std::string_view kInclude = "include:";
    return mechanism.starts_with(kInclude) &&
           std::ranges::find(cost_.includes, mechanism.substr(kInclude.size())) !=
               cost_.includes.end();
  }

  static void judge_service(Finding& finding, const Samples& samples, const std::string& why,
                            bool named) {
    if (!why.empty()) {
      if (finding.severity != Severity::later) finding.severity = Severity::wrong;
      finding.text = why;
      return;
    }
    finding.result = "pass";
    const std::string count = std::to_string(samples.addresses.size());
    finding.text = named ? "pass: the record includes it" : "pass for all of its ranges";
    if (!samples.addresses.empty()) finding.text += ", " + count + " of its addresses tried";
    if (named || samples.complete) return;
    // What depends on the message, or is too much, was not tried, and the record does not name it.
    finding.severity = Severity::unknown;
    finding.text += "; it lets pass more than that, which cannot be checked without including it";
  }

  void judge_record() {
    using enum PublishedSpf::State;
    if (published_.state == later) return remark(Severity::later, published_.why);
    if (published_.state == none) {
      return remark(missing_.empty() ? Severity::warning : Severity::wrong,
                    report_.domain + " has no SPF record");
    }
    if (published_.state != one) return remark(Severity::wrong, published_.why);
    if (!cost_.unknown.empty()) return remark(Severity::later, cost_.unknown);
    report_.lookups = cost_.lookups;
    const std::string used = std::to_string(cost_.lookups) + " of ten lookups used";
    const int left = kAllowedLookups - cost_.lookups;
    if (left < 0) {
      remark(Severity::wrong, used + ": a server that needs more than ten says permerror");
    } else {
      remark(Severity::fine, used + ", " + std::to_string(left) + " left");
    }
    judge_length("the record", report_.record);
  }

  net::Task<> suggest_record() {
    using enum PublishedSpf::State;
    if (published_.state != none && published_.state != one) co_return;
    const Suggestion found =
        co_await suggest(resolver_, report_.domain, published_, cost_, missing_);
    report_.suggestion = found.record;
    for (const Suggestion::Verdict& verdict : found.verdicts) {
      Finding& finding = report_.findings[verdict.finding];
      finding.add = verdict.add;
      finding.text += "; " + verdict.text;
    }
    judge_length("the suggested record", found.record);
  }

  void judge_length(const std::string& what, const std::string& record) {
    if (record.size() <= kMostWise) return;
    remark(Severity::warning, what + " has " + std::to_string(record.size()) +
                                  " bytes; beyond 450 answers may not fit (RFC 7208 3.4)");
  }

  Resolver& resolver_;
  std::vector<VisibleWay> ways_;
  DomainReport report_;
  PublishedSpf published_;
  LookupCost cost_;
  std::vector<Need> missing_;
};

} // namespace

net::Task<DomainReport> check_ways(Resolver& resolver, std::string domain,
                                   std::vector<VisibleWay> ways) {
  Check check(resolver, std::move(domain), std::move(ways));
  DomainReport report = co_await check.run();
  co_return report;
}

} // namespace waypost::spfcheck
