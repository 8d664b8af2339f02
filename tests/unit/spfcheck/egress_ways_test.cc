// Each way out of a domain against its record, and the record that is suggested.
#include <array>

#include "tests/unit/spfcheck/egress_world.h"

namespace waypost::spfcheck {
namespace {

using Build = void (*)(EgressWorld&);

void expect_spf(EgressWorld& world, Severity severity, const char* words) {
  const EgressReport report = world.check();
  expect_finding(report.domains.at(0).findings, "spf", severity, words);
}

std::vector<Finding> of_check(const EgressReport& report, const char* check) {
  std::vector<Finding> all = report.domains.at(0).findings;
  std::erase_if(all, [&](const Finding& one) { return one.check != check; });
  return all;
}

// With this record something is missing, the other is suggested, and with it nothing is.
void expect_cure(const char* record, Build build, const std::string& want) {
  EgressWorld before(record);
  build(before);
  const EgressReport sick = before.check();
  cr_expect(sick.domains[0].suggestion == want, "wanted %s, got %s%s", want.c_str(),
            sick.domains[0].suggestion.c_str(), all_of(sick.domains[0].findings).c_str());
  cr_expect(worst(sick) == Severity::wrong);
  EgressWorld after(want.c_str());
  build(after);
  const EgressReport well = after.check();
  expect_none_above(of_check(well, "spf"), Severity::fine);
  cr_expect(well.domains[0].suggestion.empty(), "%s", well.domains[0].suggestion.c_str());
}

void with_proxy(EgressWorld& world) {
  world.add_proxy("203.0.113.9");
  world.add_host("203.0.113.9", "out.home.test");
}

// A sending service whose record has ranges, behind a rule for some recipients.
void with_service(EgressWorld& world, const char* spf) {
  world.add_route("ses").to = {"big.test"};
  world.add_transport("ses", TransportType::submission).spf = {spf};
  world.zone.add_text("_spf.ses.test", "v=spf1 ip4:192.0.2.0/25 include:_more.ses.test ~all");
  world.zone.add_text("_more.ses.test", "v=spf1 ip6:2001:db8:5::/48 ~all");
}

void with_included_service(EgressWorld& world) {
  with_service(world, "include:_spf.ses.test");
}

void with_proxy_and_service(EgressWorld& world) {
  with_proxy(world);
  with_included_service(world);
}

std::string record_of_includes(EgressWorld* world, int count) {
  std::string record = "v=spf1";
  for (int i = 0; i < count; ++i) {
    const std::string name = "i" + std::to_string(i) + ".test";
    record += " include:" + name;
    if (world != nullptr) world->zone.add_text(name, "v=spf1 ip4:192.0.2.200 -all");
  }
  return record + " ip4:198.51.100.1 -all";
}

} // namespace

Test(egress_ways, all_is_well) {
  EgressWorld world;
  const EgressReport report = world.check();
  const DomainReport& domain = report.domains.at(0);
  expect_finding(domain.findings, "spf", Severity::fine, "pass by ip4:198.51.100.1 of home.test");
  expect_finding(domain.findings, "record", Severity::fine, "0 of ten lookups used, 10 left");
  expect_none_above(domain.findings, Severity::fine);
  expect_none_above(report.addresses, Severity::fine);
  cr_expect(domain.suggestion.empty() && domain.lookups == 0);
  cr_expect(exit_status(worst(report)) == 0);
}

Test(egress_ways, an_address_that_fails_says_by_what_and_what_to_add) {
  EgressWorld world;
  with_proxy(world);
  const EgressReport report = world.check();
  for (const Finding& one : of_check(report, "spf")) {
    if (one.transport != "proxy") continue;
    cr_expect(one.result == "fail" && one.mechanism == "-all" && one.subject == "203.0.113.9");
    cr_expect(one.add == "ip4:203.0.113.9");
    cr_expect(one.routes == std::vector<std::string>{"waypost.toml:41"});
  }
  expect_spf(world, Severity::wrong, "fail by -all of home.test; add ip4:203.0.113.9");
  cr_expect(exit_status(worst(report)) == 100);
}

Test(egress_ways, what_is_suggested_makes_it_pass) {
  expect_cure("v=spf1 ip4:198.51.100.1 -all", with_proxy,
              "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 -all");
  expect_cure("v=spf1 ip4:198.51.100.1 ?all", with_proxy,
              "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 ?all");
  expect_cure("v=spf1 ip4:198.51.100.1", with_proxy, "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9");
  expect_cure("v=spf1 ip4:198.51.100.1 -ip4:203.0.113.0/24 mx:mail.home.test -all", with_proxy,
              "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 -ip4:203.0.113.0/24 mx:mail.home.test -all");
  expect_cure("v=spf1 ip4:198.51.100.1 -all", with_included_service,
              "v=spf1 ip4:198.51.100.1 include:_spf.ses.test -all");
  expect_cure("v=spf1 ~all", with_proxy_and_service,
              "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 include:_spf.ses.test ~all");
  expect_cure(nullptr, with_proxy, "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 ~all");
}

Test(egress_ways, redirect_is_what_an_address_fails_by) {
  const Build build = [](EgressWorld& world) {
    with_proxy(world);
    world.zone.add_text("all.test", "v=spf1 -all");
  };
  expect_cure("v=spf1 ip4:198.51.100.1 redirect=all.test", build,
              "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 redirect=all.test");
}

Test(egress_ways, redirect_costs_one_of_the_ten_lookups_and_what_it_leads_to_the_rest) {
  EgressWorld world("v=spf1 mx ip4:198.51.100.1 redirect=all.test");
  world.zone.add_text("all.test", "v=spf1 a:a.test exists:%{i}.x.test -all include:behind.test");
  cr_expect(world.check().domains[0].lookups == 4);
}

Test(egress_ways, ipv6_is_added_as_ip6) {
  const Build build = [](EgressWorld& world) {
    world.add_proxy("2001:db8::9");
    world.add_host("2001:db8::9", "out.home.test");
  };
  expect_cure("v=spf1 ip4:198.51.100.1 -all", build,
              "v=spf1 ip4:198.51.100.1 ip6:2001:db8::9 -all");
}

Test(egress_ways, a_smarthost_that_says_nothing_cannot_be_checked) {
  EgressWorld world;
  world.add_route("relay");
  world.add_transport("relay", TransportType::smtp);
  expect_spf(world, Severity::unknown, "cannot be checked: transport \"relay\" has no spf");
  cr_expect(exit_status(worst(world.check())) == 1);
}

Test(egress_ways, nat_cannot_be_known) {
  EgressWorld world;
  world.snapshot.settings.public_ips.clear();
  expect_spf(world, Severity::unknown, "only 10.0.0.5; set public_ips");
  cr_expect(world.check().domains[0].suggestion.empty());
}

Test(egress_ways, a_service_passes_by_its_include_or_by_its_ranges) {
  EgressWorld included("v=spf1 ip4:198.51.100.1 include:_spf.ses.test -all");
  with_included_service(included);
  expect_spf(included, Severity::fine, "pass: the record includes it, 4 of its addresses tried");
  EgressWorld ranges("v=spf1 ip4:198.51.100.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all");
  with_included_service(ranges);
  expect_spf(ranges, Severity::fine, "pass for all of its ranges");
  EgressWorld half("v=spf1 ip4:198.51.100.1 ip4:192.0.2.0/26 ip6:2001:db8::/32 -all");
  with_included_service(half);
  expect_spf(half, Severity::wrong, "192.0.2.127 of it: fail by -all of home.test");
}

// "exists" and macros say nothing that could be tried: then only the include itself is one.
Test(egress_ways, a_service_that_cannot_be_listed_has_to_be_included) {
  for (const bool included : {true, false}) {
    EgressWorld world(included ? "v=spf1 ip4:198.51.100.1 include:m.test -all"
                               : "v=spf1 ip4:198.51.100.1 -all");
    with_service(world, "include:m.test");
    world.zone.add_text("m.test", "v=spf1 exists:%{i}._ips.m.test -all");
    expect_spf(world, included ? Severity::fine : Severity::wrong,
               included ? "the record includes it"
                        : "the record does not name it; add include:m.test");
  }
}

// The first address of the range is refused by the service itself.
Test(egress_ways, holes_in_a_services_ranges_are_not_tried) {
  const Build build = [](EgressWorld& world) {
    with_service(world, "include:h.test");
    world.zone.add_text("h.test", "v=spf1 -ip4:203.0.113.0 ip4:203.0.113.0/24 -all");
  };
  expect_cure("v=spf1 ip4:198.51.100.1 -all", build, "v=spf1 ip4:198.51.100.1 include:h.test -all");
}

// What can be helped is helped: the other service's own record needs more lookups than a check has.
Test(egress_ways, a_way_that_has_no_room_does_not_keep_others_from_theirs) {
  EgressWorld world;
  with_proxy_and_service(world);
  world.add_route("big").to = {"small.test"};
  world.add_transport("big", TransportType::smtp).spf = {"include:big.test"};
  world.zone.add_text("big.test", record_of_includes(&world, 10));
  const EgressReport report = world.check();
  expect_finding(report.domains[0].findings, "spf", Severity::wrong,
                 "include:big.test costs 11 lookups, and 8 of ten are left");
  cr_expect(report.domains[0].suggestion ==
                "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 include:_spf.ses.test -all",
            "%s", report.domains[0].suggestion.c_str());
}

// Two answers without a record are what a check may have (RFC 7208 4.6.4), and each of these has
// two.
Test(egress_ways, a_service_that_no_addition_helps_is_given_up_and_the_rest_suggested) {
  EgressWorld world;
  with_proxy(world);
  for (const char* name : {"x.test", "y.test"}) {
    world.add_route(name).to = {"small.test"};
    world.add_transport(name, TransportType::smtp).spf = {std::string("include:") + name};
  }
  world.zone.add_text("x.test", "v=spf1 a:v1.test a:v2.test ip4:192.0.2.0/25 -all");
  world.zone.add_text("y.test", "v=spf1 a:v3.test a:v4.test ip4:192.0.2.128/25 -all");
  const EgressReport report = world.check();
  expect_finding(report.domains[0].findings, "spf", Severity::wrong,
                 "no addition to the record helps: 192.0.2.128 is still permerror");
  cr_expect(
      report.domains[0].suggestion == "v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 include:x.test -all",
      "%s%s", report.domains[0].suggestion.c_str(), all_of(report.domains[0].findings).c_str());
}

Test(egress_ways, a_service_whose_name_is_wrong_is_no_cure) {
  EgressWorld world;
  with_service(world, "include:nowhere.test");
  expect_spf(world, Severity::wrong,
             "spf of transport \"ses\" is wrong: nowhere.test has no SPF record");
  cr_expect(world.check().domains[0].suggestion.empty());
}

Test(egress_ways, an_include_needs_room_in_the_ten_lookups) {
  const std::string record = record_of_includes(nullptr, 9);
  EgressWorld world(record.c_str());
  record_of_includes(&world, 9);
  with_proxy_and_service(world);
  const EgressReport report = world.check();
  const DomainReport& domain = report.domains[0];
  cr_expect(domain.lookups == 9, "%d", domain.lookups);
  expect_finding(domain.findings, "spf", Severity::wrong,
                 "include:_spf.ses.test costs 2 lookups, and 1 of ten are left");
  // The address has room all the same.
  cr_expect(domain.suggestion.contains(" ip4:203.0.113.9 -all"), "%s", domain.suggestion.c_str());
  cr_expect(!domain.suggestion.contains("ses.test"));
}

Test(egress_ways, beyond_ten_lookups_an_address_comes_first) {
  const std::string record = record_of_includes(nullptr, 11);
  EgressWorld world(record.c_str());
  record_of_includes(&world, 11);
  const EgressReport report = world.check();
  const DomainReport& domain = report.domains[0];
  expect_finding(domain.findings, "record", Severity::wrong, "11 of ten lookups used");
  expect_finding(domain.findings, "spf", Severity::wrong, "permerror");
  cr_expect(domain.suggestion.starts_with("v=spf1 ip4:198.51.100.1 include:i0.test"), "%s",
            domain.suggestion.c_str());
}

Test(egress_ways, a_long_record_is_warned_of) {
  std::string record = "v=spf1 ip4:198.51.100.1";
  for (int i = 0; i < 40; ++i)
    record += " ip4:192.0.2." + std::to_string(i);
  EgressWorld world((record + " -all").c_str());
  const EgressReport report = world.check();
  expect_finding(report.domains[0].findings, "record", Severity::warning, "beyond 450");
}

Test(egress_ways, two_records_and_broken_ones_are_told_and_not_added_to) {
  EgressWorld twice;
  twice.zone.add_text("home.test", "v=spf1 mx -all");
  with_proxy(twice);
  const EgressReport several = twice.check();
  expect_finding(several.domains[0].findings, "record", Severity::wrong,
                 "more than one SPF record");
  EgressWorld world("v=spf1 ip4:198.51.100.1 ipv4:203.0.113.9 -all");
  const EgressReport broken = world.check();
  expect_finding(broken.domains[0].findings, "record", Severity::wrong, "ipv4:203.0.113.9");
  cr_expect(several.domains[0].suggestion.empty() && broken.domains[0].suggestion.empty());
}

// Silence is never "missing", and never fine.
Test(egress_ways, without_an_answer_nothing_is_said_but_that) {
  using net::DnsStatus;
  for (const DnsStatus status : {DnsStatus::timed_out, DnsStatus::failed}) {
    EgressWorld world;
    with_proxy(world);
    world.zone.break_name("home.test", status);
    const EgressReport report = world.check();
    for (const Finding& one : report.domains[0].findings)
      cr_expect(one.check == "dmarc" || one.severity == Severity::later, "%s: %s",
                one.check.c_str(), one.text.c_str());
    cr_expect(report.domains[0].suggestion.empty() && report.domains[0].lookups == -1);
    cr_expect(exit_status(worst(report)) == 111);
  }
}

Test(egress_ways, a_service_that_does_not_answer_is_asked_later) {
  EgressWorld world;
  with_included_service(world);
  world.zone.break_name("_more.ses.test", net::DnsStatus::timed_out);
  const EgressReport report = world.check();
  for (const Finding& one : of_check(report, "spf")) {
    if (one.transport == "ses") cr_expect(one.severity != Severity::fine, "%s", one.text.c_str());
  }
}

} // namespace waypost::spfcheck
