// Direct delivery: which hosts are tried, and what their absence means (RFC 5321 5.1, RFC 7505).

#include <criterion/criterion.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

Transport direct(std::uint16_t port = 1) {
  Transport transport = smarthost(port);
  transport.type = TransportType::direct;
  transport.host.clear();
  transport.local_hosts = true;
  transport.tls = TlsPolicy::off;
  return transport;
}

std::vector<JobResult> attempt(DnsServer& dns, const Transport& transport,
                               const std::string& domain, const std::string& avoid = {},
                               const std::string& prefer = {}) {
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(transport, domain, settings);
  Job job = job_for({});
  job.avoid = avoid;
  job.prefer = prefer;
  delivery.give(job, Letter().text);
  return delivery.results();
}

void greet_and_take(Script& peer) {
  peer.greet("250 test\r\n");
  take_mail(peer);
}

std::string status(const std::vector<JobResult>& results) {
  return results.empty() ? "(none)" : results.back().transaction.groups[0].outcome.status.text();
}

} // namespace

Test(direct, goes_to_the_best_mx_that_answers) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"example.com MX 20 b.example.com", "example.com MX 10 a.example.com",
                 "a.example.com A 127.0.0.2", "b.example.com A 127.0.0.1"});
  const std::vector<JobResult> results = attempt(dns, direct(server.port()), "example.com");
  expect_summary(results, "0:delivered:250");
  expect_same(results.back().transaction.host, "b.example.com");
  cr_expect(has_step(results, "a.example.com [127.0.0.2]"));
  cr_expect(has_step(results, "Connection refused") || has_step(results, "connection refused"));
}

Test(direct, without_mx_goes_to_the_domain_itself) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"example.com A 127.0.0.1"});
  expect_summary(attempt(dns, direct(server.port()), "example.com"), "0:delivered:250");
}

Test(direct, follows_a_cname_to_the_mx) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"alias.test CNAME example.com", "example.com MX 10 a.example.com",
                 "a.example.com A 127.0.0.1"});
  expect_summary(attempt(dns, direct(server.port()), "alias.test"), "0:delivered:250");
}

Test(direct, follows_a_cname_that_the_server_left_alone) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"alias.test CNAME example.com", "example.com MX 10 a.example.com",
                 "a.example.com A 127.0.0.1"});
  dns.leave_cnames_alone();
  expect_summary(attempt(dns, direct(server.port()), "alias.test"), "0:delivered:250");
}

Test(direct, takes_an_address_literal) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({});
  expect_summary(attempt(dns, direct(server.port()), "[127.0.0.1]"), "0:delivered:250");
}

Test(direct, outcomes_of_lookups) {
  struct Row {
    std::vector<std::string> records;
    const char* domain;
    const char* expected;
    const char* status;
  };
  const std::vector<Row> rows = {
      {{}, "nowhere.test", "0:failed:dns", "5.1.2"},
      {{"nomail.test TXT x"}, "nomail.test", "0:failed:dns", "5.1.2"},
      {{"null.test MX 0 ."}, "null.test", "0:failed:dns", "5.1.10"},
      {{"dangling.test MX 5 mx.dangling.test", "dangling.test A 127.0.0.1"},
       "dangling.test",
       "0:failed:dns",
       "5.4.4"},
      {{"us.test MX 5 me.test", "us.test MX 10 worse.test", "worse.test A 127.0.0.1",
        "me.test A 127.0.0.1"},
       "us.test",
       "0:failed:other",
       "5.4.6"},
      {{"loop.test CNAME pool.test", "pool.test CNAME loop.test"},
       "loop.test",
       "0:deferred:dns",
       "4.4.3"},
      {{"broken.test MX 1 x.test"}, "servfail.test", "0:deferred:dns", "4.4.3"},
  };
  for (const Row& row : rows) {
    DnsServer dns(row.records);
    dns.set("servfail.test", DnsServer::Mode::servfail);
    const std::vector<JobResult> results = attempt(dns, direct(), row.domain);
    cr_expect(summary(results) == row.expected, "%s: %s", row.domain, summary(results).c_str());
    cr_expect(status(results) == row.status, "%s: %s", row.domain, status(results).c_str());
  }
}

Test(direct, hosts_better_than_ourselves_are_used) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"us.test MX 20 me.test", "us.test MX 10 better.test", "us.test MX 30 worse.test",
                 "me.test A 127.0.0.1", "better.test A 127.0.0.1", "worse.test A 127.0.0.9"});
  const std::vector<JobResult> results = attempt(dns, direct(server.port()), "us.test");
  expect_summary(results, "0:delivered:250");
  expect_same(results.back().transaction.host, "better.test");
}

Test(direct, an_unresolvable_mx_host_defers_when_none_is_left) {
  DnsServer dns({"example.com MX 10 a.example.com"});
  dns.set("a.example.com", DnsServer::Mode::servfail);
  expect_summary(attempt(dns, direct(), "example.com"), "0:deferred:dns");
}

Test(direct, an_unresolvable_mx_host_does_not_keep_from_the_others) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                 "b.example.com A 127.0.0.1"});
  dns.set("a.example.com", DnsServer::Mode::servfail);
  expect_summary(attempt(dns, direct(server.port()), "example.com"), "0:delivered:250");
}

Test(direct, never_connects_to_this_machine) {
  ScriptedServer server({greet_and_take});
  Transport transport = direct(server.port());
  transport.local_hosts = false;
  DnsServer dns({"a.test MX 1 mx.a.test", "mx.a.test A 127.0.0.1", "mx.a.test AAAA ::1",
                 "b.test A 0.0.0.0", "c.test A 169.254.1.1"});
  for (const char* const domain : {"a.test", "b.test", "c.test", "[127.0.0.1]", "[IPv6:::1]"}) {
    const std::vector<JobResult> results = attempt(dns, transport, domain);
    cr_expect(summary(results) == "0:failed:other", "%s: %s", domain, summary(results).c_str());
    expect_same(status(results), "5.4.6");
  }
  cr_expect_eq(server.connections(), 0);
}

Test(direct, a_public_address_of_ours_is_never_connected_to) {
  Settings settings;
  settings.hostname = "me.test";
  settings.public_ips = {"192.0.2.77"};
  struct Row {
    std::vector<std::string> records;
    const char* expected;
  };
  for (const Row& row : {Row{{"a.test MX 5 nat.test", "nat.test A 192.0.2.77"}, "0:failed:other"},
                         Row{{"a.test A 192.0.2.77"}, "0:failed:other"},
                         // Only what is worse than ourselves would be left.
                         Row{{"a.test MX 5 nat.test", "a.test MX 9 b.test", "nat.test A 192.0.2.77",
                              "b.test A 192.0.2.78"},
                             "0:failed:other"}}) {
    DnsServer dns(row.records);
    Transport transport = direct();
    transport.local_hosts = false;
    settings.resolvers = {dns.address()};
    Delivery delivery(transport, "a.test", settings);
    delivery.give(job_for({}), Letter().text);
    const std::vector<JobResult>& results = delivery.results();
    cr_expect(summary(results) == row.expected, "%s: %s", row.records.back().c_str(),
              summary(results).c_str());
    expect_same(status(results), "5.4.6");
  }
}

Test(direct, a_host_that_refuses_ehlo_is_followed_by_the_next) {
  for (const char* const reply : {"421 4.3.2 busy\r\n", "450 later\r\n", "550 5.7.1 not you\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
                             peer.say("220 test\r\n");
                             peer.answer(reply);
                           },
                           greet_and_take});
    DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                   "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
    const std::vector<JobResult> results = attempt(dns, direct(server.port()), "example.com");
    cr_expect(summary(results) == "0:delivered:250", "%s: %s", reply, summary(results).c_str());
    expect_same(results.back().transaction.host, "b.example.com");
  }
}

Test(direct, every_address_of_a_host_is_tried_until_one_connects) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"example.com MX 10 a.example.com", "a.example.com A 127.0.0.3",
                 "a.example.com A 127.0.0.4", "a.example.com A 127.0.0.1",
                 "a.example.com AAAA ::1"});
  const std::vector<JobResult> results = attempt(dns, direct(server.port()), "example.com");
  expect_summary(results, "0:delivered:250");
  expect_same(results.back().transaction.address, "127.0.0.1");
  cr_expect(has_step(results, "[::1]"), "IPv6 was tried first");
}

Test(direct, a_truncated_answer_is_asked_for_over_tcp) {
  ScriptedServer server({greet_and_take});
  DnsServer dns({"example.com MX 10 a.example.com", "a.example.com A 127.0.0.1"});
  dns.set("example.com", DnsServer::Mode::truncated_on_udp);
  expect_summary(attempt(dns, direct(server.port()), "example.com"), "0:delivered:250");
  cr_expect_eq(dns.over_tcp(), 1);
}

Test(direct, next_host_after_a_refusal_at_the_door) {
  for (const char* const banner : {"421 busy\r\n", "554 5.7.1 no\r\n", "garbage\r\n", ""}) {
    ScriptedServer bad({[&](Script& peer) { peer.say(banner); }, greet_and_take});
    DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                   "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
    const std::vector<JobResult> results = attempt(dns, direct(bad.port()), "example.com");
    cr_expect(summary(results) == "0:delivered:250", "banner '%s': %s", banner,
              summary(results).c_str());
    expect_same(results.back().transaction.host, "b.example.com");
  }
}

Test(direct, the_next_host_is_tried_when_one_is_lost_before_the_final_dot) {
  ScriptedServer server({[](Script& peer) {
                           peer.greet();
                           peer.answer("250 ok\r\n");
                         },
                         greet_and_take});
  DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                 "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
  expect_summary(attempt(dns, direct(server.port()), "example.com"), "0:delivered:250");
}

Test(direct, banners_that_refuse_defer_unless_all_say_521) {
  struct Row {
    const char* first;
    const char* second;
    const char* expected;
  };
  for (const Row& row :
       {Row{"554 no\r\n", "554 no\r\n", "0:deferred:554:other"},
        Row{"521 never\r\n", "521 never\r\n", "0:failed:521:unreachable"},
        Row{"521 never\r\n", "421 later\r\n", "0:deferred:421:other"},
        Row{"421 later\r\n", "521 never\r\n", "0:deferred:521:other"},
        Row{"554 5.7.1 listed at zen.spamhaus.org\r\n", "554 5.7.1 listed at zen.spamhaus.org\r\n",
            "0:deferred:554:blocked"}}) {
    ScriptedServer server(
        {[&](Script& peer) { peer.say(row.first); }, [&](Script& peer) { peer.say(row.second); }});
    DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 10 b.example.com",
                   "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
    const std::vector<JobResult> results = attempt(dns, direct(server.port()), "example.com");
    cr_expect(summary(results) == row.expected, "%s%s: %s", row.first, row.second,
              summary(results).c_str());
  }
}

Test(direct, a_521_of_the_best_hosts_counts_whatever_the_others_say) {
  for (const char* const other : {"421 later\r\n", "554 no\r\n", ""}) {
    ScriptedServer server(
        {[](Script& peer) { peer.say("521 never\r\n"); }, [&](Script& peer) { peer.say(other); }});
    DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                   "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
    const std::vector<JobResult> results = attempt(dns, direct(server.port()), "example.com");
    cr_expect(summary(results) == "0:failed:521:unreachable", "%s: %s", other,
              summary(results).c_str());
    cr_expect_eq(server.connections(), 2, "the others were asked all the same");
  }
  ScriptedServer server({[](Script& peer) { peer.say("521 never\r\n"); }, greet_and_take});
  DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                 "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
  expect_summary(attempt(dns, direct(server.port()), "example.com"), "0:delivered:250");
}

Test(direct, what_waits_for_a_dead_destination_is_not_tried_again) {
  DnsServer dns({"example.com MX 10 a.example.com", "a.example.com A 127.0.0.3"});
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(direct(9), "example.com", settings);
  for (std::uint64_t i = 1; i <= 3; ++i)
    delivery.give(job_for({}, i), Letter().text);
  const std::vector<JobResult>& results = delivery.results(3);
  expect_summary(results, "0:deferred:unreachable 0:deferred:unreachable 0:deferred:unreachable");
  cr_assert_eq(results.size(), 3);
  cr_expect(results[0].transaction.groups[0].outcome.tried);
  cr_expect(!results[2].transaction.groups[0].outcome.tried);
  cr_expect(results[2].transaction.groups[0].outcome.reply.starts_with("not tried: "));
}

Test(direct, order_of_addresses) {
  const auto at = [](const char* host, const char* address) {
    const std::uint32_t preference = *host == 'a' ? 10 : 20;
    return deliver::HostAddress{host, *net::IpAddress::parse(address), preference, 25};
  };
  const std::vector<deliver::HostAddress> all = {at("a", "192.0.2.1"), at("a", "2001:db8::1"),
                                                 at("b", "192.0.2.2")};
  struct Row {
    const char* avoid;
    const char* prefer;
    FamilyPolicy family;
    const char* first;
  };
  for (const Row& row : {Row{"", "", FamilyPolicy::any, "2001:db8::1"},
                         Row{"", "", FamilyPolicy::prefer_ipv4, "192.0.2.1"},
                         Row{"ipv6", "", FamilyPolicy::any, "192.0.2.1"},
                         Row{"ipv4", "", FamilyPolicy::prefer_ipv4, "2001:db8::1"},
                         Row{"", "192.0.2.2", FamilyPolicy::any, "192.0.2.2"}}) {
    Job job;
    job.avoid = row.avoid;
    job.prefer = row.prefer;
    const auto ordered = deliver::order_for(job, row.family, all);
    cr_expect_eq(ordered.size(), 3);
    cr_expect(ordered.front().address.text() == row.first, "avoid '%s' prefer '%s'", row.avoid,
              row.prefer);
  }
}

Test(direct, equal_hosts_share_the_load) {
  const std::vector<deliver::HostAddress> all = {
      {"a", *net::IpAddress::parse("192.0.2.1"), 10, 25},
      {"b", *net::IpAddress::parse("192.0.2.2"), 10, 25},
      {"c", *net::IpAddress::parse("192.0.2.3"), 20, 25}};
  int first = 0;
  for (int i = 0; i < 400; ++i) {
    const auto ordered = deliver::order_for(Job(), FamilyPolicy::any, all);
    cr_expect_eq(ordered.back().host, "c");
    first += ordered.front().host == "a" ? 1 : 0;
  }
  cr_expect(first > 100 && first < 300, "%d of 400", first);
}
