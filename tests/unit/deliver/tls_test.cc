// STARTTLS as the transport wants it, against servers that have it, lack it, and lie about it.

#include <criterion/criterion.h>
#include <cstdlib>
#include <fstream>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

void offer_tls(Script& peer) {
  peer.greet("250-test\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
}

std::vector<JobResult> attempt(const ScriptedServer& server, TlsPolicy policy) {
  Transport transport = smarthost(server.port());
  transport.tls = policy;
  return Delivery::of({}, transport);
}

} // namespace

Test(tls, is_used_when_offered_and_everything_is_asked_again) {
  ScriptedServer server({[](Script& peer) {
    offer_tls(peer);
    peer.answer("220 go ahead\r\n");
    peer.start_tls();
    peer.answer("250 test\r\n"); // no PIPELINING any more
    take_mail(peer);
  }});
  const std::vector<JobResult> results = attempt(server, TlsPolicy::opportunistic);
  expect_summary(results, "0:delivered:250");
  cr_expect(results.back().transaction.tls.starts_with("TLSv1."), "%s",
            results.back().transaction.tls.c_str());
  cr_expect(results.back().transaction.tls.ends_with(" unverified"));
  expect_same(server.heard()[2], "EHLO me.test");
}

Test(tls, off_is_off) {
  ScriptedServer server({[](Script& peer) {
    offer_tls(peer);
    take_mail(peer);
  }});
  expect_summary(attempt(server, TlsPolicy::off), "0:delivered:250");
}

Test(tls, opportunistic_falls_back_to_clear_text_in_the_same_attempt) {
  for (const char* const reply : {"454 not now\r\n", "502 what\r\n", "220 go\r\nnonsense"}) {
    const bool attack = std::string_view(reply).find("nonsense") != std::string_view::npos;
    ScriptedServer server({[&](Script& peer) {
                             offer_tls(peer);
                             peer.answer(attack ? "220 go\r\n" : reply);
                             if (attack) peer.hear(); // the ClientHello is no line
                           },
                           [](Script& peer) {
                             offer_tls(peer);
                             take_mail(peer);
                           }});
    Transport transport = smarthost(server.port());
    if (attack) transport.timeouts.command_ms = 3'000; // of its silence; the replies before it too
    const std::vector<JobResult> results = Delivery::of({}, transport);
    cr_expect(summary(results) == "0:delivered:250", "%s: %s", reply, summary(results).c_str());
    cr_expect(has_step(results, "connected again without TLS"));
    cr_expect(results.back().transaction.tls.empty());
  }
}

Test(tls, bytes_behind_the_220_are_an_attack) {
  ScriptedServer server({[](Script& peer) {
    offer_tls(peer);
    peer.answer("220 go ahead\r\n250 injected\r\n");
    peer.hear();
  }});
  expect_summary(attempt(server, TlsPolicy::opportunistic), "0:deferred:tls");
  cr_expect_eq(server.connections(), 1);
}

Test(tls, required_is_asked_for_even_where_it_is_not_offered) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("502 5.5.1 no such command\r\n");
    peer.hear();
  }});
  expect_summary(attempt(server, TlsPolicy::required), "0:deferred:502:tls");
  const std::vector<std::string> heard = server.heard();
  expect_same(heard[1], "STARTTLS");
  expect_same(heard[2], "QUIT");
}

Test(tls, required_goes_through_where_it_works) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("220 go\r\n");
    peer.start_tls();
    peer.answer("250 test\r\n");
    take_mail(peer);
  }});
  expect_summary(attempt(server, TlsPolicy::required), "0:delivered:250");
}

Test(tls, verified_refuses_a_certificate_that_nobody_signed) {
  ScriptedServer server({[](Script& peer) {
    offer_tls(peer);
    peer.answer("220 go\r\n");
    peer.start_tls();
    peer.hear();
  }});
  const std::vector<JobResult> results = attempt(server, TlsPolicy::verified);
  expect_summary(results, "0:deferred:tls");
  cr_expect(results.back().transaction.groups[0].outcome.reply.starts_with("certificate: "), "%s",
            results.back().transaction.groups[0].outcome.reply.c_str());
}

Test(tls, a_key_that_is_not_pinned_is_refused) {
  ScriptedServer server({[](Script& peer) {
    offer_tls(peer);
    peer.answer("220 go\r\n");
    peer.start_tls();
    peer.hear();
  }});
  Transport transport = smarthost(server.port());
  transport.tls = TlsPolicy::required;
  transport.pin = {"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
  expect_summary(Delivery::of({}, transport), "0:deferred:tls");
}
