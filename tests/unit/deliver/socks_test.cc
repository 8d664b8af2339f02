// Type socks: the way to the host leads through a proxy.

#include <criterion/criterion.h>

#include "deliver/own_addresses.h"
#include "deliver/proxy_login.h"
#include "tests/unit/deliver/proxy_script.h"

using namespace waypost;
using namespace waypost::test;

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

Test(socks, a_plain_response_holds_the_login) {
  const auto login = deliver::login_of_plain("eABhbGljZQBzIGUgYw=="); // "x\0alice\0s e c"
  cr_assert(login.has_value());
  cr_expect(login->user == "alice" && login->password == "s e c");
  for (const char* none : {"", "AA==", "AGFsaWNl", "AGFsaWNlAA==", "?GFsaWNlAHNlY3JldA=="})
    cr_expect(!deliver::login_of_plain(none).has_value(), "%s", none);
}
