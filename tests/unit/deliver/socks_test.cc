// Type socks: the way to the host leads through a SOCKS5 proxy, which a script plays, and behind
// its last reply the mail server (RFC 1928; CASES of SOCKS5).

#include <criterion/criterion.h>

#include "deliver/own_addresses.h"
#include "deliver/proxy_login.h"
#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kGreeting = "\5\1\0"sv;
constexpr std::string_view kSuccess = "\5\0\0\1\xc6\x33\x64\x07\x9c\x40"sv;

const std::vector<std::string> kTwoHosts = {
    "example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
    "a.example.com A 192.0.2.1", "b.example.com A 192.0.2.2"};

Transport by_socks(std::uint16_t port) {
  Transport transport = smarthost(25);
  transport.type = TransportType::socks;
  transport.host.clear();
  transport.proxy = "127.0.0.1:" + std::to_string(port);
  transport.helo = "out2.test";
  transport.tls = TlsPolicy::off;
  return transport;
}

// What came of one letter.
struct Told {
  std::vector<JobResult> results;
  std::string news; // joined by a space
  Outcome outcome;
};

Told send(const std::vector<std::string>& records, const Transport& transport,
          Delivery::Oracle oracle = {}) {
  DnsServer dns(records);
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(transport, "example.com", settings);
  if (oracle) delivery.connect_oracle(std::move(oracle));
  delivery.give(job_for({}), Letter().text);
  Told told;
  told.results = delivery.results();
  for (const std::string& one : delivery.proxy_news())
    told.news += (told.news.empty() ? "" : " ") + one;
  if (!told.results.empty()) told.outcome = told.results.back().transaction.groups[0].outcome;
  return told;
}

// The proxy's side up to a request of `size` bytes, which is returned.
std::string hear_request(Script& peer, std::size_t size = 10) {
  if (peer.hear_bytes(kGreeting.size()) != kGreeting) return "(no greeting)";
  peer.say("\5\0"sv);
  return peer.hear_bytes(size);
}

void serve_mail(Script& peer) {
  hear_request(peer);
  peer.say(std::string(kSuccess) + "220 test ESMTP\r\n"); // joined, as it happens
  peer.answer("250 test\r\n");
  take_mail(peer);
}

ScriptedServer::Play answering(std::string reply, std::size_t size = 10) {
  return [=](Script& peer) {
    hear_request(peer, size);
    peer.say(reply);
  };
}

std::string reply(char code) {
  return std::string("\5"sv) + code + std::string("\0\1\0\0\0\0\0\0"sv);
}

} // namespace

Test(socks, delivers_by_the_proxy_though_its_reply_is_joined_with_the_banner) {
  std::string request;
  ScriptedServer proxy({[&](Script& peer) {
    request = hear_request(peer);
    peer.say(std::string(kSuccess) + "220 test ESMTP\r\n");
    peer.answer("250 test\r\n");
    take_mail(peer);
  }});
  const Told told = send(kTwoHosts, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "reached");
  cr_expect(request == "\5\1\0\1\xc0\0\2\1\0\x19"sv);
  const std::vector<std::string> heard = proxy.heard();
  cr_assert(!heard.empty());
  expect_same(heard[0], "EHLO out2.test");
  expect_same(told.results.back().transaction.host, "a.example.com");
  expect_same(told.results.back().transaction.address, "192.0.2.1");
}

Test(socks, delivers_though_every_byte_of_the_proxy_comes_alone) {
  ScriptedServer proxy({[](Script& peer) {
    peer.hear_bytes(kGreeting.size());
    for (const char c : "\5\0"sv) {
      peer.say({&c, 1});
      peer.wait(5);
    }
    peer.hear_bytes(10);
    for (const char c : kSuccess) {
      peer.say({&c, 1});
      peer.wait(5);
    }
    peer.greet();
    take_mail(peer);
  }});
  expect_summary(send(kTwoHosts, by_socks(proxy.port())).results, "0:delivered:250");
}

Test(socks, what_the_destination_is_at_fault_for_leads_to_the_next_host) {
  for (const char code : {'\1', '\2', '\3', '\4', '\5', '\6', '\x09'}) {
    ScriptedServer proxy({answering(reply(code)), serve_mail});
    const Told told = send(kTwoHosts, by_socks(proxy.port()));
    expect_summary(told.results, "0:delivered:250");
    expect_same(told.news, "not_reached reached");
    const std::string says = "a.example.com [192.0.2.1]: the proxy says 0x0";
    cr_expect(has_step(told.results, says + static_cast<char>('0' + code)), "code %d", code);
  }
}

Test(socks, success_and_then_the_end_before_the_banner_is_the_destinations) {
  ScriptedServer proxy({answering(std::string(kSuccess)), serve_mail});
  const Told told = send(kTwoHosts, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "not_reached reached");
}

Test(socks, a_kind_of_address_that_it_does_not_take_leads_to_the_next_host) {
  const std::vector<std::string> records = {"example.com MX 10 a.example.com",
                                            "a.example.com AAAA 2001:db8::1",
                                            "a.example.com A 192.0.2.1"};
  ScriptedServer proxy({answering(reply('\x08'), 22), serve_mail});
  const Told told = send(records, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "no_ipv6 reached");
}

Test(socks, a_proxy_at_fault_ends_the_attempt_and_bounces_nothing) {
  struct Row {
    const char* what;
    ScriptedServer::Play play;
    const char* summary;
    const char* says;
  };
  const auto greeted_by = [](std::string bytes) {
    return [=](Script& peer) {
      peer.hear_bytes(kGreeting.size());
      peer.say(bytes);
    };
  };
  const Row rows[] = {
      {"0x07", answering(reply('\7')), "0:deferred:unreachable", "0x07: CONNECT is not supported"},
      {"no method", greeted_by("\5\xff"), "0:deferred:auth", "the proxy wants a login (0xff)"},
      {"a login", greeted_by("\5\2"), "0:deferred:auth", "the proxy wants a login (0x02)"},
      {"a mail server", greeted_by("220 hello\r\n"), "0:deferred:unreachable",
       "does not speak SOCKS5: its greeting begins with 0x32"},
      {"closed at once", [](Script&) {}, "0:deferred:unreachable", "no greeting of the proxy: "},
  };
  for (const Row& row : rows) {
    ScriptedServer proxy({row.play, serve_mail});
    const Told told = send(kTwoHosts, by_socks(proxy.port()));
    cr_expect(summary(told.results) == row.summary, "%s: %s", row.what,
              summary(told.results).c_str());
    cr_expect(told.news == "at_fault", "%s: %s", row.what, told.news.c_str());
    cr_expect(told.outcome.reply.find(row.says) != std::string::npos, "%s: %s", row.what,
              told.outcome.reply.c_str());
    cr_expect_eq(proxy.connections(), 1, "%s: no other host is tried", row.what);
  }
}

Test(socks, a_proxy_that_is_not_there_is_at_fault) {
  std::uint16_t port = 0;
  {
    const ScriptedServer gone({});
    port = gone.port();
  }
  Told told = send(kTwoHosts, by_socks(port));
  expect_summary(told.results, "0:deferred:unreachable");
  expect_same(told.news, "at_fault");
  expect_same(told.outcome.reply, "the proxy cannot be reached: connect: Connection refused (proxy "
                                  "127.0.0.1:" +
                                      std::to_string(port) + ")");
  Transport unknown = by_socks(port);
  unknown.proxy = "proxy.nowhere.test:1080";
  told = send(kTwoHosts, unknown);
  expect_summary(told.results, "0:deferred:dns");
  expect_same(told.news, "at_fault");
}

Test(socks, a_silent_proxy_is_at_fault_and_a_silent_way_is_the_destinations) {
  Transport transport = by_socks(0);
  transport.timeouts.connect_ms = 100;
  ScriptedServer mute({[](Script& peer) { peer.hear(); }});
  transport.proxy = "127.0.0.1:" + std::to_string(mute.port());
  expect_same(send(kTwoHosts, transport).news, "at_fault");
  ScriptedServer slow({[](Script& peer) {
                         hear_request(peer);
                         peer.hear();
                       },
                       serve_mail});
  transport.proxy = "127.0.0.1:" + std::to_string(slow.port());
  expect_same(send(kTwoHosts, transport).news, "not_reached reached");
}

Test(socks, the_proxy_is_found_by_name) {
  ScriptedServer proxy({serve_mail});
  std::vector<std::string> records = kTwoHosts;
  records.emplace_back("proxy.test A 127.0.0.1");
  Transport transport = by_socks(0);
  transport.proxy = "proxy.test:" + std::to_string(proxy.port());
  expect_summary(send(records, transport).results, "0:delivered:250");
}

Test(socks, the_proxy_looks_up_hosts_where_it_is_told_to) {
  std::string request;
  ScriptedServer proxy({[&](Script& peer) {
    request = hear_request(peer, 20);
    peer.say(std::string(kSuccess) + "220 test ESMTP\r\n");
    peer.answer("250 test\r\n");
    take_mail(peer);
  }});
  Transport transport = by_socks(proxy.port());
  transport.resolve_by_proxy = true;
  const Told told = send({"example.com MX 10 a.example.com"}, transport);
  expect_summary(told.results, "0:delivered:250");
  cr_expect(request == "\5\1\0\3\x0d"
                       "a.example.com\0\x19"sv);
  expect_same(told.results.back().transaction.host, "a.example.com");
  expect_same(told.results.back().transaction.address, "");
}

Test(socks, own_addresses_are_those_of_the_proxy) {
  struct Row {
    const char* what;
    std::vector<std::string> records;
    bool by_name;
    const char* summary;
  };
  const Row rows[] = {
      {"the proxy's loopback",
       {"example.com MX 1 l.test", "l.test A 127.0.0.1"},
       false,
       "0:failed:other"},
      {"where it comes from",
       {"example.com MX 1 l.test", "l.test A 203.0.113.9"},
       false,
       "0:failed:other"},
      {"we are named",
       {"example.com MX 1 me.test", "me.test A 192.0.2.9"},
       false,
       "0:failed:other"},
      {"its loopback by name", {"example.com MX 1 localhost"}, true, "0:failed:other"},
      {"its loopback by a number", {"example.com MX 1 127.1"}, true, "0:failed:other"},
      {"we are named, by name", {"example.com MX 1 out2.test"}, true, "0:failed:other"},
  };
  for (const Row& row : rows) {
    Transport transport = by_socks(9);
    transport.remote_ips = {"203.0.113.9"};
    transport.resolve_by_proxy = row.by_name;
    const Told told = send(row.records, transport);
    cr_expect(summary(told.results) == row.summary, "%s: %s", row.what,
              summary(told.results).c_str());
    cr_expect(told.outcome.status == (EnhancedCode{5, 4, 6}), "%s", row.what);
    cr_expect(told.news.empty(), "%s: the proxy was not asked", row.what);
  }
}

Test(socks, a_garbled_banner_is_no_word_on_the_way) {
  ScriptedServer proxy({answering(std::string(kSuccess) + "hello\r\n"), serve_mail});
  const Told told = send(kTwoHosts, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "reached");
}

Test(socks, names_that_mean_the_proxys_own_machine) {
  for (const char* name : {"localhost", "LocalHost.", "a.localhost", "127.1", "2130706433",
                           "0x7f000001", "0X7F.1", "a.0x7f", "a.017", "", "."}) {
    cr_expect(deliver::names_no_remote_host(name), "%s", name);
  }
  for (const char* name : {"mx.example.org", "localhost.example", "0x7g", "a.1b", "xn--p1ai"})
    cr_expect(!deliver::names_no_remote_host(name), "%s", name);
}

Test(socks, local_hosts_allows_the_proxys_own_loopback) {
  ScriptedServer proxy({serve_mail});
  Transport transport = by_socks(proxy.port());
  transport.local_hosts = true;
  expect_summary(send({"example.com MX 1 l.test", "l.test A 127.0.0.1"}, transport).results,
                 "0:delivered:250");
}

Test(socks, a_way_back_to_clear_text_leads_through_the_proxy_again) {
  ScriptedServer proxy({[](Script& peer) {
                          hear_request(peer);
                          peer.say(std::string(kSuccess) + "220 test ESMTP\r\n");
                          peer.answer("250-test\r\n250 STARTTLS\r\n");
                          peer.answer("454 4.7.0 not now\r\n");
                        },
                        serve_mail});
  Transport transport = by_socks(proxy.port());
  transport.tls = TlsPolicy::opportunistic;
  const Told told = send(kTwoHosts, transport);
  expect_summary(told.results, "0:delivered:250");
  cr_expect(has_step(told.results, "connected again without TLS"));
}

Test(socks, tls_begins_behind_the_proxy_as_in_direct_delivery) {
  ScriptedServer proxy({[](Script& peer) {
    hear_request(peer);
    peer.say(std::string(kSuccess) + "220 test ESMTP\r\n");
    peer.answer("250-test\r\n250 STARTTLS\r\n");
    peer.answer("220 go ahead\r\n");
    peer.start_tls();
    peer.answer("250 test\r\n");
    take_mail(peer);
  }});
  Transport transport = by_socks(proxy.port());
  transport.tls = TlsPolicy::required;
  const Told told = send(kTwoHosts, transport);
  expect_summary(told.results, "0:delivered:250");
  cr_expect(told.results.back().transaction.tls.starts_with("TLSv1"), "%s",
            told.results.back().transaction.tls.c_str());
}

// An oracle that says that, and checks what it is asked for.
Delivery::Oracle oracle_that(LoginAnswer::Kind kind, std::string text) {
  return [=](const LoginQuery& query) -> std::optional<LoginAnswer> {
    if (query.kind != LoginQuery::Kind::begin) return LoginAnswer();
    cr_expect(query.offered == std::vector<std::string>{"PLAIN"} && !query.tls);
    LoginAnswer one;
    one.kind = kind;
    one.mechanism = "PLAIN";
    if (kind == LoginAnswer::Kind::auth) one.initial = text;
    one.text = text;
    return one;
  };
}

Transport with_login(std::uint16_t port) {
  Transport transport = by_socks(port);
  transport.user = "alice";
  transport.credential = "proxy";
  return transport;
}

Test(socks, logs_in_with_what_the_oracle_gives_and_says_no_more_of_it) {
  std::string login;
  ScriptedServer proxy({[&](Script& peer) {
    peer.hear_bytes(4);
    peer.say("\5\2"sv);
    login = peer.hear_bytes(14);
    peer.say("\1\0"sv);
    peer.hear_bytes(10);
    peer.say(std::string(kSuccess) + "220 test ESMTP\r\n");
    peer.answer("250-test\r\n250 AUTH PLAIN\r\n"); // which is not the proxy's
    take_mail(peer);
  }});
  // "\0alice\0secret"
  const Told told = send(kTwoHosts, with_login(proxy.port()),
                         oracle_that(LoginAnswer::Kind::auth, "AGFsaWNlAHNlY3JldA=="));
  expect_summary(told.results, "0:delivered:250");
  expect_same(login, "\1\5alice\6secret");
}

Test(socks, without_a_login_from_the_oracle_the_proxy_is_not_asked) {
  struct Row {
    Delivery::Oracle oracle;
    const char* says;
  };
  const Row rows[] = {
      {oracle_that(LoginAnswer::Kind::refused, "no credential proxy"), "no credential proxy"},
      {oracle_that(LoginAnswer::Kind::auth, "AAA="), "the user's name must have 1 to 255 bytes"},
      {{}, "this sender has no line to waypost-sasl"},
  };
  for (const Row& row : rows) {
    ScriptedServer proxy({serve_mail});
    const Told told = send(kTwoHosts, with_login(proxy.port()), row.oracle);
    expect_summary(told.results, "0:deferred:auth");
    expect_same(told.news, "at_fault");
    cr_expect(told.outcome.reply.find(row.says) != std::string::npos, "%s",
              told.outcome.reply.c_str());
    cr_expect_eq(proxy.connections(), 0);
  }
}

Test(socks, a_plain_response_holds_the_login) {
  const auto login = deliver::login_of_plain("eABhbGljZQBzIGUgYw=="); // "x\0alice\0s e c"
  cr_assert(login.has_value());
  cr_expect(login->user == "alice" && login->password == "s e c");
  for (const char* none : {"", "AA==", "AGFsaWNl", "AGFsaWNlAA==", "?GFsaWNlAHNlY3JldA=="})
    cr_expect(!deliver::login_of_plain(none).has_value(), "%s", none);
}
