// AUTH with TLS before it: what is offered, what it is bound to, and what is never said in clear.

#include <criterion/criterion.h>
#include <openssl/tls1.h>

#include "tests/unit/deliver/login_script.h"
#include "tests/unit/deliver/test_file.h"

using namespace waypost;
using namespace waypost::test;

Test(auth_tls, what_was_offered_before_tls_is_forgotten) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n");
    peer.answer("220 go\r\n");
    peer.start_tls();
    peer.answer("250-test\r\n250 AUTH SCRAM-SHA-256\r\n");
    peer.answer("235 ok\r\n");
    take_mail(peer);
  }});
  Transport transport = login_to(server.port());
  transport.tls = TlsPolicy::required;
  LoginQuery begun;
  expect_summary(attempt(transport, believing(auth("SCRAM-SHA-256", "biws"), begun)),
                 "0:delivered:250");
  cr_expect(begun.offered == std::vector<std::string>{"SCRAM-SHA-256"});
  cr_expect(begun.tls);
}

Test(auth_tls, the_channel_binding_is_the_one_that_the_server_has) {
  for (const bool newest : {true, false}) {
    TlsServer tls({.names = {"DNS:test"}});
    if (!newest) tls.speak_at_most(TLS1_2_VERSION);
    std::string of_server;
    ScriptedServer server({[&](Script& peer) {
      peer.greet("250-test\r\n250 STARTTLS\r\n");
      peer.answer("220 go\r\n");
      const TlsEnd& end = peer.start_tls(tls);
      of_server = newest ? end.exporter() : end.end_point();
      peer.answer("250-test\r\n250 AUTH SCRAM-SHA-256-PLUS\r\n");
      peer.answer("235 ok\r\n");
      take_mail(peer);
    }});
    Transport transport = login_to(server.port());
    transport.tls = TlsPolicy::required;
    LoginQuery begun;
    expect_summary(attempt(transport, believing(auth("SCRAM-SHA-256-PLUS", "cD0="), begun)),
                   "0:delivered:250");
    server.heard(); // its thread is done with of_server
    expect_same(begun.binding_type, newest ? "tls-exporter" : "tls-server-end-point");
    cr_expect(begun.binding == of_server && begun.binding.size() == 32);
  }
}

Test(auth_tls, submissions_begins_with_tls_and_says_nothing_before) {
  const TestCertificate authority({.authority = true});
  const TestFile ca(authority.pem());
  TlsServer tls({.names = {"IP:127.0.0.1"}, .issuer = &authority});
  ScriptedServer server({[&](Script& peer) {
    peer.start_tls(tls);
    peer.greet("250 AUTH PLAIN\r\n");
    peer.answer("235 ok\r\n");
    take_mail(peer);
  }});
  Transport transport = login_to(server.port());
  transport.type = TransportType::submissions;
  transport.tls = TlsPolicy::verified;
  transport.ca = ca.path();
  const auto results = attempt(transport, believing(auth("PLAIN", "AGEAYg==")));
  expect_summary(results, "0:delivered:250");
  cr_expect(results.back().transaction.tls.ends_with(" verified"));
  expect_same(server.heard()[0], "EHLO me.test");
}

Test(auth_tls, submissions_never_falls_back_to_clear_text) {
  for (const TlsPolicy policy : {TlsPolicy::opportunistic, TlsPolicy::verified}) {
    ScriptedServer server({[](Script& peer) {
                             peer.say("220 no TLS here\r\n");
                             peer.hear();
                           },
                           [](Script& peer) { peer.hear(); }});
    Transport transport = login_to(server.port());
    transport.type = TransportType::submissions;
    transport.tls = policy;
    expect_summary(attempt(transport, believing(auth("PLAIN", "AGEAYg=="))), "0:deferred:tls");
    cr_expect_eq(server.connections(), 1);
    for (const std::string& line : server.heard())
      cr_expect(!line.starts_with("AUTH") && !line.starts_with("EHLO"), "%s", line.c_str());
  }
}
