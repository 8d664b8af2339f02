#include "spfcheck/host_names.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/advice.h"
#include "spfcheck/check_host.h"
#include "spfcheck/network.h"
#include "spfcheck/published.h"

namespace waypost::spfcheck {
namespace {

constexpr std::size_t kMostNames = 10; // of one address, as RFC 7208 5.5 has it

Finding finding(const char* check, const Greeting& greeting, Severity severity, std::string text) {
  Finding one;
  one.check = check;
  one.severity = severity;
  one.transport = greeting.transport;
  one.subject = greeting.address.text();
  one.text = std::move(text);
  return one;
}

enum class LeadsTo : std::uint8_t { yes, no, unknown };

// Whether the name has the address.
net::Task<LeadsTo> leads_to(Resolver& resolver, std::string name, net::IpAddress address) {
  const Question question{name, address.v6() ? net::DnsType::aaaa : net::DnsType::a};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  if (no_answer(answer)) co_return LeadsTo::unknown;
  const bool found = std::ranges::find(answer.addresses, address) != answer.addresses.end();
  co_return found ? LeadsTo::yes : LeadsTo::no;
}

// The reverse names of an address, and which of them lead back to it.
struct Names {
  std::vector<std::string> all;
  std::vector<std::string> confirmed;
  std::string unknown;
};

net::Task<Names> names_of_address(Resolver& resolver, net::IpAddress address) {
  Names names;
  const Question question{reverse_name(address), net::DnsType::ptr};
  const net::DnsAnswer answer = co_await resolver.resolve(question);
  if (no_answer(answer))
    names.unknown =
        "DNS does not answer for the reverse name of " + address.text() + ": " + answer.text;
  for (const std::string& name : answer.names) {
    if (names.all.size() == kMostNames) break;
    names.all.push_back(name);
    const LeadsTo back = co_await leads_to(resolver, name, address);
    if (back == LeadsTo::yes) names.confirmed.push_back(name);
    if (back == LeadsTo::unknown) names.unknown = "DNS does not answer for the address of " + name;
  }
  co_return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& one : names)
    all += (all.empty() ? "" : ", ") + one;
  return all;
}

// For the address alone, whatever is said in EHLO. None of it wrong: empty.
std::string wrong_with(const Names& names, const std::string& address) {
  if (names.all.empty())
    return address + " has no reverse name, which many servers refuse; whoever gave the address "
                     "can set one";
  if (names.confirmed.empty())
    return "the reverse name of " + address + ", " + joined(names.all) +
           ", does not lead back to it";
  return {};
}

Finding judge_helo_name(const Greeting& greeting, const Names& names, LeadsTo forward) {
  const std::string& helo = greeting.helo;
  if (std::ranges::find(names.confirmed, helo) != names.confirmed.end())
    return finding("reverse", greeting, Severity::fine, "its reverse name is helo, " + helo);
  const std::string is = "its reverse name is " + joined(names.confirmed) + ", and helo is " + helo;
  if (forward == LeadsTo::yes) {
    return finding("reverse", greeting, Severity::note, is + ", which has this address too");
  }
  return finding("reverse", greeting, Severity::warning,
                 is + ", which does not lead to this address; let one of the two change");
}

Finding judge_helo_spf(const Greeting& greeting, const CheckResult& checked) {
  Finding one = finding("helo", greeting, Severity::fine, {});
  one.result = name_of(checked.result);
  one.mechanism = checked.mechanism;
  const std::string who = "notices, which are judged by helo, " + greeting.helo + ": ";
  one.text = who + one.result +
             (checked.mechanism.empty() ? "; " + checked.why : " by " + checked.mechanism);
  switch (checked.result) {
  case SpfResult::pass: break;
  case SpfResult::none:
    one.severity = Severity::note;
    one.add = address_term(greeting.address);
    one.text = "helo " + greeting.helo +
               " has no SPF record; for notices, which are judged by it: " +
               zone_line(greeting.helo, "v=spf1 " + one.add + " -all");
    break;
  case SpfResult::temperror: one.severity = Severity::later; break;
  case SpfResult::neutral:
  case SpfResult::softfail: one.severity = Severity::warning; break;
  case SpfResult::fail:
  case SpfResult::permerror: one.severity = Severity::wrong; break;
  }
  if (one.severity >= Severity::warning && one.severity != Severity::later)
    one.add = address_term(greeting.address);
  return one;
}

} // namespace

net::Task<Finding> check_reverse(Resolver& resolver, Greeting greeting) {
  const Names names = co_await names_of_address(resolver, greeting.address);
  const std::string wrong = wrong_with(names, greeting.address.text());
  if (!wrong.empty()) {
    const bool unsure = !names.unknown.empty();
    co_return finding("reverse", greeting, unsure ? Severity::later : Severity::wrong,
                      unsure ? names.unknown : wrong);
  }
  if (greeting.helo.starts_with('[')) {
    co_return finding("reverse", greeting, Severity::warning,
                      "helo is an address, and servers want a name: " + names.confirmed.front());
  }
  const LeadsTo forward = co_await leads_to(resolver, greeting.helo, greeting.address);
  const bool named = std::ranges::find(names.confirmed, greeting.helo) != names.confirmed.end();
  if (!named && forward == LeadsTo::unknown) {
    co_return finding("reverse", greeting, Severity::later,
                      "DNS does not answer for the address of helo, " + greeting.helo);
  }
  co_return judge_helo_name(greeting, names, forward);
}

net::Task<Finding> check_helo(Resolver& resolver, Greeting greeting) {
  if (greeting.helo.starts_with('[')) {
    co_return finding("helo", greeting, Severity::note,
                      "helo is an address, which has no SPF record: notices cannot pass");
  }
  const Query query = helo_query(greeting.address, greeting.helo);
  const CheckResult checked = co_await check_host(resolver, query);
  co_return judge_helo_spf(greeting, checked);
}

} // namespace waypost::spfcheck
