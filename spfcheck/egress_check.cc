#include "spfcheck/egress_check.h"

#include <algorithm>

#include "spfcheck/domain_records.h"
#include "spfcheck/domain_ways.h"
#include "spfcheck/host_names.h"

namespace waypost::spfcheck {
namespace {

class EgressCheck {
public:
  EgressCheck(Resolver& resolver, EgressQuestion question)
      : resolver_(resolver),
        question_(std::move(question)) {}

  net::Task<EgressReport> run() {
    for (const std::string& domain : question_.domains) {
      if (question_.begin) question_.begin();
      co_await check_domain(domain);
    }
    for (const Greeting& greeting : greetings_) {
      if (question_.begin) question_.begin();
      co_await check_names(greeting);
    }
    co_return std::move(report_);
  }

private:
  std::vector<VisibleWay> ways_of(const std::string& domain) {
    std::vector<VisibleWay> ways;
    for (Way& way : ways_out(question_.snapshot, domain)) {
      Visible seen = visible(question_.snapshot.settings, *way.transport, question_.interfaces);
      if (own_way(*way.transport)) note_greetings(*way.transport, seen.addresses);
      ways.push_back({std::move(way), std::move(seen)});
    }
    return ways;
  }

  void note_greetings(const Transport& transport, const std::vector<net::IpAddress>& addresses) {
    for (const net::IpAddress& address : addresses) {
      const bool known = std::ranges::any_of(greetings_, [&](const Greeting& one) {
        return one.helo == transport.helo && one.address == address;
      });
      if (!known) greetings_.push_back({transport.name, transport.helo, address});
    }
  }

  [[nodiscard]] std::vector<std::string> selectors_of(const std::string& domain) const {
    const auto& all = question_.snapshot.domains;
    const auto found = std::ranges::find(all, domain, &SenderDomain::name);
    if (found == all.end()) return {};
    std::vector<std::string> selectors = found->dkim_selectors;
    for (const std::string& one : found->dkim_sign)
      if (std::ranges::find(selectors, one) == selectors.end()) selectors.push_back(one);
    return selectors;
  }

  // A way with several addresses passes when all of them do.
  static WaysBySpf counted(const DomainReport& report, const std::vector<VisibleWay>& ways) {
    WaysBySpf count;
    for (const VisibleWay& way : ways) {
      Severity worst = Severity::fine;
      for (const Finding& one : report.findings) {
        if (one.check != "spf" || one.transport != way.way.transport->name) continue;
        worst = std::max(worst, one.severity);
      }
      count.all += 1;
      count.pass += worst == Severity::fine ? 1 : 0;
      count.open += worst == Severity::unknown || worst == Severity::later ? 1 : 0;
    }
    return count;
  }

  void add_notices(const DmarcFound& dmarc, const std::vector<VisibleWay>& ways,
                   DomainReport& report) {
    if (dmarc.state != DmarcFound::State::found) return;
    for (const VisibleWay& one : ways) {
      const Transport& transport = *one.way.transport;
      if (!own_way(transport) || !transport.null_sender.empty()) continue;
      Finding finding = judge_notices(dmarc, report.domain, transport.helo);
      finding.transport = transport.name;
      report.findings.push_back(std::move(finding));
    }
  }

  net::Task<> check_domain(std::string domain) {
    const std::vector<VisibleWay> ways = ways_of(domain);
    DomainReport report = co_await check_ways(resolver_, domain, ways);
    Finding mx = co_await check_mx(resolver_, domain);
    report.findings.push_back(std::move(mx));
    const std::vector<std::string> selectors = selectors_of(domain);
    const DmarcFound dmarc = co_await find_dmarc(resolver_, domain);
    report.findings.push_back(
        judge_dmarc(dmarc, domain, counted(report, ways), !selectors.empty()));
    if (domain == question_.snapshot.settings.hostname) add_notices(dmarc, ways, report);
    for (const std::string& selector : selectors) {
      Finding key = co_await check_dkim(resolver_, domain, selector);
      report.findings.push_back(std::move(key));
    }
    report_.domains.push_back(std::move(report));
  }

  net::Task<> check_names(Greeting greeting) {
    Finding reverse = co_await check_reverse(resolver_, greeting);
    report_.addresses.push_back(std::move(reverse));
    Finding helo = co_await check_helo(resolver_, greeting);
    report_.addresses.push_back(std::move(helo));
  }

  Resolver& resolver_;
  EgressQuestion question_;
  std::vector<Greeting> greetings_;
  EgressReport report_;
};

} // namespace

net::Task<EgressReport> check_egress(Resolver& resolver, EgressQuestion question) {
  EgressCheck check(resolver, std::move(question));
  EgressReport report = co_await check.run();
  co_return report;
}

} // namespace waypost::spfcheck
