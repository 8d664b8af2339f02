// A SOCKS5 proxy that a script plays, and behind its last reply the mail server (RFC 1928).
#pragma once

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/scripted_server.h"

namespace waypost::test {

using namespace std::string_view_literals;

inline constexpr std::string_view kGreeting = "\5\1\0"sv;
inline constexpr std::string_view kSuccess = "\5\0\0\1\xc6\x33\x64\x07\x9c\x40"sv;

inline const std::vector<std::string> kTwoHosts = {
    "example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
    "a.example.com A 192.0.2.1", "b.example.com A 192.0.2.2"};

inline Transport by_socks(std::uint16_t port) {
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

inline Told send(const std::vector<std::string>& records, const Transport& transport,
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
inline std::string hear_request(Script& peer, std::size_t size = 10) {
  if (peer.hear_bytes(kGreeting.size()) != kGreeting) return "(no greeting)";
  peer.say("\5\0"sv);
  return peer.hear_bytes(size);
}

inline void serve_mail(Script& peer) {
  hear_request(peer);
  peer.say(std::string(kSuccess) + "220 test ESMTP\r\n"); // joined, as it happens
  peer.answer("250 test\r\n");
  take_mail(peer);
}

inline ScriptedServer::Play answering(std::string reply, std::size_t size = 10) {
  return [=](Script& peer) {
    hear_request(peer, size);
    peer.say(reply);
  };
}

inline std::string reply(char code) {
  return std::string("\5"sv) + code + std::string("\0\1\0\0\0\0\0\0"sv);
}

// An oracle that says that, and checks what it is asked for.
inline Delivery::Oracle oracle_that(LoginAnswer::Kind kind, std::string text) {
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

inline Transport with_login(std::uint16_t port) {
  Transport transport = by_socks(port);
  transport.user = "alice";
  transport.credential = "proxy";
  return transport;
}

} // namespace waypost::test
