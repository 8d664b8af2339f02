// By which transports mail of a domain can leave.
#include "spfcheck/ways_out.h"

#include <array>
#include <criterion/criterion.h>

namespace waypost::spfcheck {
namespace {

Transport transport(const char* name, TransportType type) {
  Transport one;
  one.name = name;
  one.type = type;
  return one;
}

RouteRule rule(RouteLevel level, std::string key, const char* leads_to) {
  static int line = 10;
  RouteRule one;
  one.level = level;
  one.key = std::move(key);
  one.where = "waypost.toml:" + std::to_string(++line);
  one.transport = leads_to;
  return one;
}

RouteRule global(const char* leads_to) {
  return rule(RouteLevel::global, "", leads_to);
}

Snapshot snapshot(std::vector<RouteRule> rules) {
  Snapshot all;
  all.settings.hostname = "host.test";
  all.transports = {
      transport("direct", TransportType::direct), transport("relay", TransportType::smtp),
      transport("proxy", TransportType::socks), transport("ses", TransportType::submission),
      transport("no", TransportType::fail)};
  all.routes = std::move(rules);
  return all;
}

std::string names(const Snapshot& all, const char* domain) {
  std::string text;
  for (const Way& way : ways_out(all, domain))
    text += (text.empty() ? "" : " ") + way.transport->name;
  return text;
}

void expect_ways(std::vector<RouteRule> rules, const char* wanted, const char* domain = "a.test") {
  const std::string got = names(snapshot(std::move(rules)), domain);
  cr_expect(got == wanted, "wanted %s, got %s", wanted, got.c_str());
}

RouteRule with_to(RouteRule one, std::vector<std::string> to) {
  one.to = std::move(to);
  return one;
}

RouteRule with_from(RouteRule one, std::vector<std::string> from) {
  one.from = std::move(from);
  return one;
}

RouteRule at(RouteRule one, std::uint32_t attempt) {
  one.attempt = attempt;
  return one;
}

RouteRule after(RouteRule one, FailureClasses classes) {
  one.after = classes;
  return one;
}

} // namespace

Test(ways_out, without_a_rule_mail_goes_directly) {
  expect_ways({}, "direct");
  const auto ways = ways_out(snapshot({}), "a.test");
  cr_expect(ways[0].routes == std::vector<std::string>{"no rule"});
}

Test(ways_out, a_rule_for_all_mail_leaves_nothing_to_direct) {
  expect_ways({global("relay")}, "relay");
}

Test(ways_out, a_rule_for_some_mail_leaves_the_rest) {
  expect_ways({with_to(global("relay"), {".b.test"})}, "direct relay");
  expect_ways({at(global("relay"), 4)}, "direct relay");
  expect_ways({after(global("relay"), {FailureClass::greylisted})}, "direct relay");
}

Test(ways_out, from_and_the_domains_own_rules_are_for_that_domain_alone) {
  expect_ways({with_from(global("relay"), {".b.test"})}, "direct");
  expect_ways({with_from(global("relay"), {".b.test"})}, "relay", "x.b.test");
  expect_ways({rule(RouteLevel::domain, "b.test", "relay")}, "direct");
  expect_ways({rule(RouteLevel::domain, "b.test", "relay")}, "relay", "b.test");
}

Test(ways_out, an_accounts_rules_are_a_way_for_every_domain_that_it_may_use) {
  const Snapshot all = snapshot({rule(RouteLevel::account, "alice", "proxy"), global("relay")});
  cr_expect(names(all, "a.test") == "relay proxy");
  const auto ways = ways_out(all, "a.test");
  cr_expect(ways[1].routes[0].ends_with(" (account alice)"), "%s", ways[1].routes[0].c_str());
  expect_ways({with_from(rule(RouteLevel::account, "alice", "proxy"), {"b.test"})}, "direct");
}

Test(ways_out, a_rule_whose_mail_is_taken_before_it_is_no_way) {
  expect_ways({global("relay"), global("ses")}, "relay");
  expect_ways({with_to(global("relay"), {".b.test"}), with_to(global("ses"), {"x.b.test"})},
              "direct relay");
  expect_ways({with_to(global("relay"), {".b.test"}), with_to(global("ses"), {"b.test", "c.test"})},
              "direct relay ses");
  expect_ways({at(global("relay"), 3), at(global("ses"), 2)}, "direct relay ses");
  expect_ways({at(global("relay"), 2), at(global("ses"), 3)}, "direct relay");
}

Test(ways_out, an_after_move_is_a_way_wherever_it_stands) {
  expect_ways({global("relay"), after(global("proxy"), {FailureClass::blocked})}, "relay proxy");
  // greylisted never moves: behind a rule for all mail it is never asked.
  expect_ways({global("relay"), after(global("proxy"), {FailureClass::greylisted})}, "relay");
}

Test(ways_out, what_was_refused_and_moved_comes_past_a_rule_for_all_mail) {
  expect_ways({after(global("proxy"), {FailureClass::blocked}), global("relay"), global("ses")},
              "relay proxy ses");
  // Direct is left only where no rule matched.
  expect_ways({after(global("proxy"), {FailureClass::blocked}), global("relay")}, "relay proxy");
}

Test(ways_out, what_sends_nothing_is_no_way) {
  expect_ways({global("no")}, "");
}

Test(ways_out, notices_with_a_sender_of_the_domain_leave_by_their_own_ways) {
  Snapshot all = snapshot({with_from(global("relay"), {"a.test"}), global("ses")});
  all.transports[3].null_sender = "bounces@A.test";
  cr_expect(names(all, "a.test") == "relay ses", "%s", names(all, "a.test").c_str());
  const auto ways = ways_out(all, "a.test");
  cr_expect(ways[1].routes[0].starts_with("notices by waypost.toml:"));
}

Test(ways_out, sender_domains_are_those_that_the_file_names_and_the_host) {
  Snapshot all = snapshot({with_from(global("relay"), {".b.test", "[192.0.2.1]"}),
                           rule(RouteLevel::domain, "c.test", "relay"),
                           with_to(global("relay"), {"not-a-sender.test"})});
  all.domains = {{"d.test", {"one"}, {}}};
  all.settings.from_rewrite = "me@f.test";
  all.accounts = {{"alice", "@g.test"}};
  all.transports[3].null_sender = "bounces@e.test";
  const std::vector<std::string> want{"b.test", "c.test", "d.test",   "e.test",
                                      "f.test", "g.test", "host.test"};
  cr_expect(sender_domains(all) == want);
}

} // namespace waypost::spfcheck
