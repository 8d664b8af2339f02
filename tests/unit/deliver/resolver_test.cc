// The resolver against name servers that are slow, cut, lie, or are lied for (RFC 1035, RFC 5452).

#include <criterion/criterion.h>

#include <algorithm>
#include <set>

#include "deliver/hosts.h"
#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/test_file.h"

using namespace waypost;
using namespace waypost::test;
using net::DnsAnswer;
using net::DnsStatus;
using net::DnsType;
using net::Lookup;
using net::Resolver;
using net::Task;
using Servers = std::vector<std::string>;

namespace {

constexpr std::uint64_t kWaitMs = 600; // of the first round, in place of 5 s

Task<> look_up(Resolver& resolver, std::string name, DnsType type, DnsAnswer* answer) {
  Lookup started = resolver.start(name, type);
  *answer = co_await resolver.finish(std::move(started));
}

Task<> look_up_hosts(Resolver& resolver, const deliver::HostQuery& query, deliver::HostList* list) {
  *list = co_await deliver::find_hosts(resolver, query);
}

void run(net::Loop& loop, Task<>& task) {
  task.start();
  loop.run_until([&] { return task.done(); });
}

DnsAnswer ask(const Servers& servers, const std::string& name, DnsType type = DnsType::a) {
  net::Loop loop;
  DnsAnswer answer;
  {
    Resolver resolver(loop, servers, kWaitMs);
    Task<> task = look_up(resolver, name, type, &answer);
    run(loop, task);
  }
  return answer;
}

DnsAnswer ask(const DnsServer& server, const std::string& name, DnsType type = DnsType::a) {
  return ask(Servers{server.address()}, name, type);
}

deliver::HostList hosts_of(const DnsServer& server, const std::string& domain,
                           Transport transport = {}, const std::string& hosts_file = "/nowhere") {
  net::Loop loop;
  deliver::HostList list;
  Settings settings;
  settings.hostname = "me.test";
  deliver::HostQuery query{settings, transport, domain, {}, hosts_file};
  {
    Resolver resolver(loop, {server.address()}, kWaitMs);
    Task<> task = look_up_hosts(resolver, query, &list);
    run(loop, task);
  }
  return list;
}

void expect_address(const DnsAnswer& answer, const char* address, const char* what) {
  cr_expect(answer.status == DnsStatus::found, "%s: %s", what, answer.text.c_str());
  cr_assert_eq(answer.addresses.size(), 1, "%s", what);
  cr_expect(answer.addresses[0].text() == address, "%s: %s", what,
            answer.addresses[0].text().c_str());
}

// "c0.test CNAME c1.test", and so on; the last one has an address.
std::vector<std::string> chain(int cnames) {
  std::vector<std::string> records;
  for (int i = 0; i < cnames; ++i) {
    records.push_back("c" + std::to_string(i) + ".test CNAME c" + std::to_string(i + 1) + ".test");
  }
  records.push_back("c" + std::to_string(cnames) + ".test A 192.0.2.1");
  return records;
}

} // namespace

Test(resolver, forged_answers_are_passed_over_and_the_right_one_is_taken) {
  DnsServer server({"mx.test A 192.0.2.1"});
  server.set("mx.test", DnsServer::Mode::forged);
  expect_address(ask(server, "mx.test"), "192.0.2.1", "forged");
  cr_expect_eq(server.asked().size(), 1, "no forgery made it ask again");
}

Test(resolver, ids_are_random_and_ports_change) {
  DnsServer server({"mx.test A 192.0.2.1"});
  net::Loop loop;
  {
    Resolver resolver(loop, {server.address()});
    for (int i = 0; i < 64; ++i) {
      DnsAnswer answer;
      Task<> task = look_up(resolver, "mx.test", DnsType::a, &answer);
      run(loop, task);
    }
  }
  const std::vector<DnsQuestion> asked = server.asked();
  cr_assert_eq(asked.size(), 64);
  std::set<int> ids;
  std::set<int> steps;
  std::set<int> ports;
  for (std::size_t i = 1; i < asked.size(); ++i) {
    ids.insert(asked[i].id);
    steps.insert(asked[i].id - asked[i - 1].id);
    ports.insert(asked[i].port);
  }
  cr_expect(ids.size() > 55, "%zu different ids of 63", ids.size());
  cr_expect(steps.size() > 55, "%zu different steps of 63", steps.size());
  cr_expect(ports.size() > 30, "%zu different ports of 63", ports.size());
}

Test(resolver, answers_over_tcp_come_in_any_pieces) {
  DnsServer server({"a.test A 192.0.2.1", "b.test A 192.0.2.2"});
  server.set("a.test", DnsServer::Mode::truncated_on_udp);
  server.set("b.test", DnsServer::Mode::tcp_in_pieces);
  expect_address(ask(server, "a.test"), "192.0.2.1", "whole");
  expect_address(ask(server, "b.test"), "192.0.2.2", "in pieces");
  cr_expect_eq(server.over_tcp(), 2);
}

Test(resolver, a_large_answer_over_tcp_is_read_up_to_the_bound) {
  std::vector<std::string> records;
  for (int i = 0; i < 350; ++i)
    records.push_back("many.test A 198.51." + std::to_string(i / 200) + "." +
                      std::to_string(i % 200 + 1));
  DnsServer server(records);
  server.set("many.test", DnsServer::Mode::truncated_on_udp);
  const DnsAnswer answer = ask(server, "many.test");
  cr_expect_eq(answer.status, DnsStatus::found);
  cr_expect_eq(answer.addresses.size(), net::kMostRecords);
}

Test(resolver, truncated_without_tcp_is_a_failure_and_no_absence) {
  DnsServer server({"mx.test A 192.0.2.1"});
  server.set("mx.test", DnsServer::Mode::tcp_closes);
  const DnsAnswer answer = ask(server, "mx.test");
  const bool temporary =
      answer.status == DnsStatus::failed || answer.status == DnsStatus::timed_out;
  cr_expect(temporary, "%s", answer.text.c_str());
}

Test(resolver, a_server_that_sends_more_than_it_was_asked_for) {
  DnsServer server({"a.test A 192.0.2.1", "b.test A 192.0.2.2"});
  server.set("a.test", DnsServer::Mode::oversized_2000);
  server.set("b.test", DnsServer::Mode::oversized_6000);
  expect_address(ask(server, "a.test"), "192.0.2.1", "2000 bytes");
  expect_address(ask(server, "b.test"), "192.0.2.2", "6000 bytes");
}

Test(resolver, a_server_without_edns_is_asked_without) {
  DnsServer server({"a.test A 192.0.2.1", "b.test A 192.0.2.2", "c.test A 192.0.2.3"});
  for (const char* const name : {"a.test", "b.test", "c.test"})
    server.set(name, DnsServer::Mode::no_edns);
  net::Loop loop;
  std::vector<DnsAnswer> answers(3);
  {
    Resolver resolver(loop, {server.address()}, kWaitMs);
    Task<> first = look_up(resolver, "a.test", DnsType::a, &answers[0]);
    Task<> beside = look_up(resolver, "b.test", DnsType::a, &answers[1]);
    first.start();
    beside.start();
    loop.run_until([&] { return first.done() && beside.done(); });
    Task<> later = look_up(resolver, "c.test", DnsType::a, &answers[2]);
    run(loop, later);
  }
  expect_address(answers[0], "192.0.2.1", "first");
  expect_address(answers[1], "192.0.2.2", "beside it");
  expect_address(answers[2], "192.0.2.3", "later");
  cr_expect_eq(server.asked().size(), 5, "two each for the first two, and then without EDNS");
}

Test(resolver, silence_ends_after_two_rounds) {
  DnsServer server({"mx.test A 192.0.2.1"});
  server.set("mx.test", DnsServer::Mode::silent);
  const auto begun = std::chrono::steady_clock::now();
  const DnsAnswer answer = ask(server, "mx.test");
  const auto took = std::chrono::steady_clock::now() - begun;
  cr_expect_eq(answer.status, DnsStatus::timed_out);
  cr_expect_eq(server.asked().size(), 2);
  cr_expect(took < std::chrono::milliseconds(50 * kWaitMs));
}

Test(resolver, the_next_server_is_asked_when_one_is_silent_gone_or_broken) {
  DnsServer good({"mx.test A 192.0.2.1"});
  DnsServer silent({});
  silent.set("mx.test", DnsServer::Mode::silent);
  DnsServer broken({});
  broken.set("mx.test", DnsServer::Mode::servfail);
  const std::string gone = "127.0.0.1:9";
  for (const std::string& first : {silent.address(), broken.address(), gone})
    expect_address(ask(Servers{first, good.address()}, "mx.test"), "192.0.2.1", first.c_str());
}

Test(resolver, an_nxdomain_is_not_asked_again_elsewhere) {
  DnsServer first({});
  DnsServer second({"mx.test A 192.0.2.1"});
  const Servers both{first.address(), second.address()};
  cr_expect_eq(ask(both, "mx.test").status, DnsStatus::no_name);
  cr_expect_eq(second.asked().size(), 0);
}

Test(resolver, sixteen_cnames_are_followed_and_no_more) {
  for (const bool followed : {true, false}) {
    for (const int cnames : {1, 15, 16, 17, 40}) {
      DnsServer server(chain(cnames));
      if (!followed) server.leave_cnames_alone();
      const DnsAnswer answer = ask(server, "c0.test");
      const bool found = answer.status == DnsStatus::found;
      cr_expect_eq(found, cnames <= net::kMostCnames, "%d, %s: %s", cnames,
                   followed ? "in one answer" : "one by one", answer.text.c_str());
      if (!found) cr_expect_eq(answer.status, DnsStatus::failed);
      cr_expect(server.asked().size() <= 18);
    }
  }
}

Test(resolver, a_loop_of_cnames_ends) {
  for (const bool followed : {true, false}) {
    for (const char* const name : {"loop.test", "self.test"}) {
      DnsServer server(
          {"loop.test CNAME pool.test", "pool.test CNAME loop.test", "self.test CNAME self.test"});
      if (!followed) server.leave_cnames_alone();
      const DnsAnswer answer = ask(server, name, DnsType::mx);
      cr_expect_eq(answer.status, DnsStatus::failed, "%s", name);
      cr_expect(server.asked().size() <= 18, "%zu queries", server.asked().size());
    }
  }
}

Test(hosts, a_lookup_that_times_out_defers) {
  DnsServer server({"mx.test A 192.0.2.1", "half.test MX 10 mx.half.test"});
  server.set("mx.test", DnsServer::Mode::silent);
  server.set("mx.half.test", DnsServer::Mode::silent);
  for (const char* const domain : {"mx.test", "half.test"}) {
    const deliver::HostList list = hosts_of(server, domain);
    cr_assert(list.outcome.has_value());
    cr_expect_eq(list.outcome->disposition, Disposition::deferred, "%s", domain);
    cr_expect_eq(list.outcome->klass, FailureClass::dns, "%s", domain);
  }
}

Test(hosts, mx_hosts_and_addresses_are_bounded) {
  std::vector<std::string> records;
  for (int host = 0; host < 30; ++host) {
    const std::string name = "mx" + std::to_string(host) + ".test";
    records.push_back("many.test MX " + std::to_string(host) + " " + name);
    for (int i = 1; i <= 5; ++i)
      records.push_back(name + " A 198.51." + std::to_string(host) + "." + std::to_string(i));
  }
  DnsServer server(records);
  server.set("many.test", DnsServer::Mode::truncated_on_udp);
  const deliver::HostList list = hosts_of(server, "many.test");
  cr_expect_eq(list.addresses.size(), deliver::kMostAddresses);
  cr_expect_eq(list.addresses.front().host, "mx0.test", "the best are kept");
  cr_expect_eq(server.asked().size(), 1 + 2 * deliver::kMostMxHosts);
}

Test(hosts, a_domain_without_mx_may_have_ipv6_alone) {
  DnsServer server({"six.test AAAA 2001:db8::1"});
  const deliver::HostList list = hosts_of(server, "six.test");
  cr_assert_eq(list.addresses.size(), 1);
  cr_expect_eq(list.addresses[0].address.text(), "2001:db8::1");
}

Test(hosts, all_addresses_of_a_host_are_listed_in_both_families) {
  DnsServer server({"a.test MX 1 mx.test", "mx.test A 192.0.2.1", "mx.test A 192.0.2.2",
                    "mx.test AAAA 2001:db8::1"});
  cr_expect_eq(hosts_of(server, "a.test").addresses.size(), 3);
  Transport four;
  four.family = FamilyPolicy::ipv4;
  cr_expect_eq(hosts_of(server, "a.test", four).addresses.size(), 2);
  Transport six;
  six.family = FamilyPolicy::ipv6;
  cr_expect_eq(hosts_of(server, "a.test", six).addresses.size(), 1);
}

Test(hosts, an_mx_that_is_a_cname_is_followed) {
  DnsServer server({"a.test MX 1 alias.test", "alias.test CNAME mx.test", "mx.test A 192.0.2.1"});
  const deliver::HostList list = hosts_of(server, "a.test");
  cr_assert_eq(list.addresses.size(), 1);
  cr_expect_eq(list.addresses[0].host, "alias.test", "the name in the MX record is the host's");
}

Test(hosts, a_smarthost_may_stand_in_the_hosts_file) {
  const TestFile file("127.0.0.1 localhost\n"
                      "# 192.0.2.9 relay\n"
                      "192.0.2.1\tother Relay.example relay # ours\n"
                      "2001:db8::1 relay\r\n"
                      "nonsense relay\n"
                      "192.0.2.1 relay\n"
                      "192.0.2.3 relays");
  DnsServer server({"relay A 203.0.113.1", "named.test A 203.0.113.2"});
  Transport transport;
  transport.type = TransportType::smtp;
  const auto addresses = [&] {
    std::string text;
    for (const deliver::HostAddress& one : hosts_of(server, "", transport, file.path()).addresses)
      text += one.address.text() + ' ';
    return text;
  };
  transport.host = "relay";
  expect_same(addresses(), "192.0.2.1 2001:db8::1 ");
  transport.host = "RELAY.example.";
  expect_same(addresses(), "192.0.2.1 ");
  cr_expect_eq(server.asked().size(), 0, "the DNS is not asked");
  transport.host = "relay";
  transport.family = FamilyPolicy::ipv6;
  expect_same(addresses(), "2001:db8::1 ");
  transport.family = FamilyPolicy::any;
  transport.host = "named.test";
  expect_same(addresses(), "203.0.113.2 ");
}

Test(hosts, the_hosts_file_says_nothing_about_recipients) {
  const TestFile file("192.0.2.66 example.test mx.example.test\n");
  DnsServer server({"example.test MX 1 mx.example.test", "mx.example.test A 192.0.2.1"});
  const deliver::HostList list = hosts_of(server, "example.test", {}, file.path());
  cr_assert_eq(list.addresses.size(), 1);
  expect_same(list.addresses[0].address.text(), "192.0.2.1");
}

Test(hosts, trouble_with_the_smarthost_s_name_defers) {
  DnsServer server({"v4.test A 192.0.2.1", "empty.test TXT x"});
  server.set("broken.test", DnsServer::Mode::servfail);
  Transport transport;
  transport.type = TransportType::smtp;
  transport.family = FamilyPolicy::ipv6;
  for (const char* const host : {"nowhere.test", "empty.test", "broken.test", "v4.test", "a..b"}) {
    transport.host = host;
    const deliver::HostList list = hosts_of(server, "", transport);
    cr_expect(list.addresses.empty(), "%s", host);
    cr_assert(list.outcome.has_value(), "%s", host);
    cr_expect_eq(list.outcome->disposition, Disposition::deferred, "%s: %s", host,
                 list.outcome->reply.c_str());
  }
}

Test(resolver, onion_is_not_in_the_dns_and_nobody_is_asked) {
  DnsServer server({"a.onion MX 10 mx.test", "onion.test A 192.0.2.1"});
  for (const char* const name : {"a.onion", "A.Onion", "onion", "a.onion."}) {
    cr_expect_eq(ask(server, name, DnsType::mx).status, DnsStatus::no_name, "%s", name);
  }
  cr_expect(server.asked().empty());
  expect_address(ask(server, "onion.test"), "192.0.2.1", "another name");
}
