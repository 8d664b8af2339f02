// Type socks: whose fault it is when the way through the proxy ends, the proxy's or the
// destination's.

#include <criterion/criterion.h>

#include "tests/unit/deliver/proxy_script.h"

using namespace waypost;
using namespace waypost::test;

Test(socks_fault, what_the_destination_is_at_fault_for_leads_to_the_next_host) {
  for (const char code : {'\1', '\2', '\3', '\4', '\5', '\6', '\x09'}) {
    ScriptedServer proxy({answering(reply(code)), serve_mail});
    const Told told = send(kTwoHosts, by_socks(proxy.port()));
    expect_summary(told.results, "0:delivered:250");
    expect_same(told.news, "not_reached reached");
    const std::string says = "a.example.com [192.0.2.1]: the proxy says 0x0";
    cr_expect(has_step(told.results, says + static_cast<char>('0' + code)), "code %d", code);
  }
}

Test(socks_fault, success_and_then_the_end_before_the_banner_is_the_destinations) {
  ScriptedServer proxy({answering(std::string(kSuccess)), serve_mail});
  const Told told = send(kTwoHosts, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "not_reached reached");
}

Test(socks_fault, a_kind_of_address_that_it_does_not_take_leads_to_the_next_host) {
  const std::vector<std::string> records = {"example.com MX 10 a.example.com",
                                            "a.example.com AAAA 2001:db8::1",
                                            "a.example.com A 192.0.2.1"};
  ScriptedServer proxy({answering(reply('\x08'), 22), serve_mail});
  const Told told = send(records, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "no_ipv6 reached");
}

Test(socks_fault, a_proxy_at_fault_ends_the_attempt_and_bounces_nothing) {
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

Test(socks_fault, a_proxy_that_is_not_there_is_at_fault) {
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

Test(socks_fault, a_silent_proxy_is_at_fault_and_a_silent_way_is_the_destinations) {
  Transport transport = by_socks(0);
  transport.timeouts.connect_ms = 1'500; // in which the second connection succeeds
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

Test(socks_fault, a_garbled_banner_is_no_word_on_the_way) {
  ScriptedServer proxy({answering(std::string(kSuccess) + "hello\r\n"), serve_mail});
  const Told told = send(kTwoHosts, by_socks(proxy.port()));
  expect_summary(told.results, "0:delivered:250");
  expect_same(told.news, "reached");
}

Test(socks_fault, without_a_login_from_the_oracle_the_proxy_is_not_asked) {
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
