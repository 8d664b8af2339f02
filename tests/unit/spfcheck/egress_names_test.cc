// MX, DMARC, DKIM, reverse names and the HELO name: each kind of finding.
#include <array>

#include "spfcheck/egress_output.h"
#include "tests/unit/spfcheck/dkim_keys.h"
#include "tests/unit/spfcheck/egress_world.h"

namespace waypost::spfcheck {
namespace {

// A domain of its own in a world where everything else is well.
void expect_of_domain(EgressWorld& world, const char* domain, const char* check, Severity severity,
                      const char* words) {
  const EgressReport report = world.check({domain});
  expect_finding(report.domains.at(0).findings, check, severity, words);
}

void expect_of_addresses(EgressWorld& world, const char* check, Severity severity,
                         const char* words) {
  const EgressReport report = world.check();
  expect_finding(report.addresses, check, severity, words);
}

} // namespace

Test(egress_names, mx) {
  EgressWorld world;
  world.zone.add_address("plain.test", ip("192.0.2.1"));
  world.zone.add_mx("null.test", 0, ".");
  world.zone.add_text("bare.test", "something else");
  world.zone.break_type("slow.test", net::DnsType::mx, net::DnsStatus::timed_out);
  expect_of_domain(world, "home.test", "mx", Severity::fine, "goes to mail.home.test");
  expect_of_domain(world, "plain.test", "mx", Severity::note, "goes to its own address, 192.0.2.1");
  expect_of_domain(world, "null.test", "mx", Severity::wrong, "takes no mail");
  expect_of_domain(world, "bare.test", "mx", Severity::wrong, "neither MX nor address");
  expect_of_domain(world, "gone.test", "mx", Severity::wrong, "gone.test does not exist");
  expect_of_domain(world, "slow.test", "mx", Severity::later, "DNS does not answer");
}

Test(egress_names, dmarc_of_the_domain_of_its_organization_or_none) {
  EgressWorld world;
  world.zone.add_text("_dmarc.firm.test", "v=DMARC1; p=none; sp=reject");
  world.zone.add_text("x.firm.test", "v=spf1 ip4:198.51.100.1 -all");
  world.zone.add_text("_dmarc.two.test", "v=DMARC1; p=none");
  world.zone.add_text("_dmarc.two.test", "v=DMARC1; p=reject");
  world.zone.add_text("_dmarc.bad.test", "v=DMARC1; p=");
  world.zone.break_name("_dmarc.slow.test", net::DnsStatus::timed_out);
  expect_of_domain(
      world, "home.test", "dmarc", Severity::fine,
      "p=none by _dmarc.home.test, relaxed alignment of SPF; SPF alone satisfies it by "
      "its one way out");
  expect_of_domain(world, "x.firm.test", "dmarc", Severity::fine, "p=reject by _dmarc.firm.test");
  expect_of_domain(world, "none.test", "dmarc", Severity::note, "no DMARC record");
  expect_of_domain(world, "two.test", "dmarc", Severity::wrong, "more than one DMARC record");
  expect_of_domain(world, "bad.test", "dmarc", Severity::wrong, "no p=none");
  expect_of_domain(world, "slow.test", "dmarc", Severity::later, "DNS does not answer");
}

Test(egress_names, where_spf_does_not_pass_dmarc_needs_a_signature) {
  for (const bool enforced : {false, true}) {
    for (const bool signs : {false, true}) {
      EgressWorld world;
      world.add_proxy("203.0.113.9");
      world.zone.add_text("d.test", "v=spf1 ip4:198.51.100.1 -all");
      world.zone.add_text("_dmarc.d.test",
                          enforced ? "v=DMARC1; p=reject; aspf=s" : "v=DMARC1; p=none");
      if (signs) world.snapshot.domains = {{"d.test", {"one"}, {}}};
      const Severity want = !enforced ? Severity::note
                            : signs   ? Severity::warning
                                      : Severity::wrong;
      expect_of_domain(
          world, "d.test", "dmarc", want,
          "SPF alone satisfies it by 1 of 2 ways out; what leaves by the others needs");
    }
  }
}

Test(egress_names, ways_that_cannot_be_checked_are_not_taken_for_refused_by_dmarc) {
  EgressWorld world;
  world.add_route("relay");
  world.add_transport("relay", TransportType::smtp);
  world.zone.add_text("d.test", "v=spf1 ip4:198.51.100.1 -all");
  world.zone.add_text("_dmarc.d.test", "v=DMARC1; p=reject");
  expect_of_domain(world, "d.test", "dmarc", Severity::note,
                   "by 0 of 1 ways out; what of the others passes is not known");
}

Test(egress_names, notices_are_aligned_by_helo) {
  EgressWorld world;
  world.zone.add_text("_dmarc.out.home.test", "v=DMARC1; p=reject; aspf=s");
  expect_of_domain(world, "out.home.test", "dmarc", Severity::fine,
                   "judged by helo, out.home.test: aligned");
  world.snapshot.transports[0].helo = "mx.home.test";
  expect_of_domain(world, "out.home.test", "dmarc", Severity::warning, "not aligned");
}

Test(egress_names, dkim_selectors) {
  EgressWorld world;
  world.snapshot.domains = {
      {"home.test",
       {"good", "short", "weak", "revoked", "gone", "bad", "slow", "test", "service"},
       {}}};
  const auto add = [&](const char* selector, const std::string& text) {
    world.zone.add_text(std::string(selector) + "._domainkey.home.test", text);
  };
  add("good", std::string("v=DKIM1; p=") + kRsa2048);
  add("short", std::string("v=DKIM1; p=") + kRsa1024);
  add("weak", std::string("v=DKIM1; p=") + kRsa512);
  add("revoked", "v=DKIM1; p=");
  add("bad", "v=DKIM1; p=AAAA");
  add("test", std::string("v=DKIM1; t=y; k=ed25519; p=") + kEd25519);
  world.zone.add_cname("service._domainkey.home.test", "key.service.test");
  world.zone.add_text("key.service.test", std::string("k=rsa; p=") + kRsa2048);
  world.zone.break_name("slow._domainkey.home.test", net::DnsStatus::timed_out);
  const EgressReport report = world.check();
  const auto& all = report.domains[0].findings;
  expect_finding(all, "dkim", Severity::fine, "good._domainkey.home.test: RSA, 2048 bits");
  expect_finding(all, "dkim", Severity::fine, "service._domainkey.home.test: RSA, 2048 bits");
  expect_finding(all, "dkim", Severity::warning, "short._domainkey.home.test: RSA, 1024 bits");
  expect_finding(all, "dkim", Severity::wrong, "weak._domainkey.home.test: RSA, 512 bits");
  expect_finding(all, "dkim", Severity::wrong, "revoked._domainkey.home.test is revoked");
  expect_finding(all, "dkim", Severity::wrong, "no key at gone._domainkey.home.test");
  expect_finding(all, "dkim", Severity::wrong, "bad._domainkey.home.test is no key");
  expect_finding(all, "dkim", Severity::note, "Ed25519; t=y");
  expect_finding(all, "dkim", Severity::later, "DNS does not answer for the key slow._domainkey");
}

Test(egress_names, reverse_names) {
  struct Row {
    const char* what;
    void (*build)(EgressWorld&);
    Severity severity;
    const char* words;
  };
  constexpr const char* kAddress = "203.0.113.9";
  const auto rows = std::to_array<Row>({
      {"in order", [](EgressWorld& world) { world.add_host(kAddress, "out.home.test"); },
       Severity::fine, "its reverse name is helo, out.home.test"},
      {"none", [](EgressWorld&) {}, Severity::wrong, "203.0.113.9 has no reverse name"},
      {"not back",
       [](EgressWorld& world) { world.zone.add_ptr(reverse_name(ip(kAddress)), "x.isp.test"); },
       Severity::wrong, "x.isp.test, does not lead back to it"},
      {"another name than helo", [](EgressWorld& world) { world.add_host(kAddress, "x.isp.test"); },
       Severity::warning,
       "its reverse name is x.isp.test, and helo is out.home.test, which does not"},
      {"another name, but helo has the address",
       [](EgressWorld& world) {
         world.add_host(kAddress, "x.isp.test");
         world.zone.add_address("out.home.test", ip(kAddress));
       },
       Severity::note, "and helo is out.home.test, which has this address too"},
      {"helo is a literal",
       [](EgressWorld& world) {
         world.add_host(kAddress, "x.isp.test");
         world.snapshot.transports.back().helo = "[203.0.113.9]";
       },
       Severity::warning, "helo is an address"},
      {"silence",
       [](EgressWorld& world) {
         world.zone.break_name(reverse_name(ip(kAddress)), net::DnsStatus::timed_out);
       },
       Severity::later, "DNS does not answer for the reverse name of 203.0.113.9"},
      {"silence on the way back",
       [](EgressWorld& world) {
         world.zone.add_ptr(reverse_name(ip(kAddress)), "x.isp.test");
         world.zone.break_name("x.isp.test", net::DnsStatus::failed);
       },
       Severity::later, "DNS does not answer for the address of x.isp.test"},
  });
  for (const Row& row : rows) {
    EgressWorld world;
    world.add_proxy(kAddress);
    row.build(world);
    expect_of_addresses(world, "reverse", row.severity, row.words);
  }
}

Test(egress_names, the_helo_names_own_record) {
  struct Row {
    const char* record;
    Severity severity;
    const char* words;
  };
  for (const Row& row : std::to_array<Row>({
           {"v=spf1 ip4:203.0.113.9 -all", Severity::fine, "pass by ip4:203.0.113.9"},
           {nullptr, Severity::note, "proxy.test. IN TXT \"v=spf1 ip4:203.0.113.9 -all\""},
           {"v=spf1 -all", Severity::wrong, "fail by -all"},
           {"v=spf1 ~all", Severity::warning, "softfail by ~all"},
           {"v=spf1 nonsense", Severity::wrong, "permerror"},
       })) {
    EgressWorld world;
    world.add_proxy("203.0.113.9").helo = "proxy.test";
    if (row.record != nullptr) world.zone.add_text("proxy.test", row.record);
    expect_of_addresses(world, "helo", row.severity, row.words);
  }
  EgressWorld world;
  world.add_proxy("203.0.113.9").helo = "proxy.test";
  world.zone.break_name("proxy.test", net::DnsStatus::timed_out);
  expect_of_addresses(world, "helo", Severity::later, "temperror");
}

Test(egress_output, quiet_says_nothing_when_all_is_well) {
  EgressWorld world;
  const EgressReport report = world.check();
  cr_expect(egress_text(report, true).empty() && egress_json(report, true).empty());
  const std::string text = egress_text(report, false);
  cr_expect(text.starts_with("home.test\n  fine     spf      direct 198.51.100.1: pass by "), "%s",
            text.c_str());
  cr_expect(!text.contains(" IN TXT "));
}

Test(egress_output, what_is_wrong_comes_with_the_line_to_paste) {
  EgressWorld world;
  world.add_proxy("203.0.113.9");
  const EgressReport report = world.check();
  for (const bool quiet : {true, false}) {
    const std::string text = egress_text(report, quiet);
    cr_expect(text.contains("wrong    spf      proxy 203.0.113.9: fail by -all of home.test; add "
                            "ip4:203.0.113.9 [waypost.toml:41]\n"),
              "%s", text.c_str());
    cr_expect(
        text.contains("\nhome.test. IN TXT \"v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 -all\"\n"),
        "%s", text.c_str());
    cr_expect(text.contains("direct 198.51.100.1") != quiet);
  }
}

Test(egress_output, json_is_an_object_a_line) {
  EgressWorld world;
  world.add_proxy("203.0.113.9");
  const std::string json = egress_json(world.check(), false);
  for (const char* wanted :
       {R"({"check":"spf","severity":"wrong","domain":"home.test","transport":"proxy",)"
        R"("routes":["waypost.toml:41"],"subject":"203.0.113.9","result":"fail",)"
        R"("mechanism":"-all","add":"ip4:203.0.113.9","text":)",
        R"({"check":"suggestion","domain":"home.test","record":"v=spf1 ip4:198.51.100.1 -all",)"
        R"("suggested":"v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 -all","line":)"
        R"("home.test. IN TXT \"v=spf1 ip4:198.51.100.1 ip4:203.0.113.9 -all\"",)"
        R"("lookups":0,"lookups_left":10})",
        R"({"check":"reverse","severity":"wrong","domain":null,"transport":"proxy",)"})
    cr_expect(json.contains(wanted), "no %s in\n%s", wanted, json.c_str());
}

Test(egress_output, the_worst_decides_the_exit_status) {
  const auto rows = std::to_array<std::pair<Severity, int>>({{Severity::fine, 0},
                                                             {Severity::note, 0},
                                                             {Severity::warning, 1},
                                                             {Severity::unknown, 1},
                                                             {Severity::later, 111},
                                                             {Severity::wrong, 100}});
  EgressReport report;
  for (const auto& [severity, status] : rows) {
    Finding one;
    one.severity = severity;
    report.addresses.push_back(one);
    cr_expect(exit_status(worst(report)) == status, "%s", name_of(severity));
  }
}

} // namespace waypost::spfcheck
