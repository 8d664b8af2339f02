// What one host or one connection refuses, and another is asked for within the same attempt.

#include <criterion/criterion.h>

#include <algorithm>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/dns_server.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

constexpr const char* kStartTls = "250-test\r\n250 STARTTLS\r\n";

void greet_and_take(Script& peer) {
  peer.greet("250 test\r\n");
  take_mail(peer);
}

// One letter to example.com, which has two MX hosts, by one server for both.
std::vector<JobResult> to_two_hosts(const ScriptedServer& server) {
  DnsServer dns({"example.com MX 10 a.example.com", "example.com MX 20 b.example.com",
                 "a.example.com A 127.0.0.1", "b.example.com A 127.0.0.1"});
  Transport transport = smarthost(server.port());
  transport.type = TransportType::direct;
  transport.host.clear();
  transport.local_hosts = true;
  transport.tls = TlsPolicy::off;
  Settings settings;
  settings.hostname = "me.test";
  settings.resolvers = {dns.address()};
  Delivery delivery(transport, "example.com", settings);
  delivery.give(job_for({}), Letter().text);
  return delivery.results();
}

} // namespace

// The server has nothing against the second recipient, only against an old connection.
Test(another_try, a_connection_that_ends_at_rset_is_replaced) {
  for (const char* const reply : {"421 4.4.2 idle for too long\r\n", "250 ok\r\n", ""}) {
    ScriptedServer server({[&](Script& peer) {
                             peer.greet("250 test\r\n");
                             peer.answer("250 ok\r\n");
                             peer.answer("550 5.1.1 unknown\r\n");
                             peer.answer(reply);
                           },
                           greet_and_take});
    Transport transport = smarthost(server.port());
    transport.recipients_per_message = 1;
    const Letter two{.to = {"one@example.com", "two@example.com"}};
    const std::string got = summary(Delivery::of(two, transport));
    cr_expect(got == "0:failed:550:mailbox 1:delivered:250", "%s: %s", reply, got.c_str());
    cr_expect(std::ranges::count(server.heard(), "RSET") == 1, "%s", reply);
  }
}

// RFC 5321 5.1: a disk that is full there says nothing of the other hosts.
Test(another_try, mail_put_off_for_a_host_s_own_trouble_goes_to_the_next) {
  for (const char* const reply :
       {"452 4.3.1 Insufficient system storage\r\n", "452 no space\r\n", "421 4.3.2 closing\r\n",
        "451 4.3.0 Temporary lookup failure\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
                             peer.greet("250 test\r\n");
                             peer.answer(reply);
                             peer.hear();
                           },
                           greet_and_take});
    const std::vector<JobResult> results = to_two_hosts(server);
    cr_expect(summary(results) == "0:delivered:250", "%s: %s", reply, summary(results).c_str());
    expect_same(results.back().transaction.host, "b.example.com");
    cr_expect(has_step(results, "a.example.com [127.0.0.1]"));
  }
}

// What it said is not lost when no other host can be had.
Test(another_try, the_last_host_that_puts_mail_off_speaks_for_all) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("452 4.3.1 Insufficient system storage\r\n");
    peer.hear();
  }});
  expect_summary(to_two_hosts(server), "0:deferred:452:other");
}

// Greylisting, rates and lists are the destination's, whichever host tells.
Test(another_try, mail_put_off_by_policy_is_not_offered_to_the_next_host) {
  for (const char* const reply :
       {"450 4.7.1 Greylisted\r\n", "421 4.7.28 rate limit\r\n", "421 too many connections\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
                             peer.greet("250 test\r\n");
                             peer.answer(reply);
                             peer.hear();
                           },
                           greet_and_take});
    const std::vector<JobResult> results = to_two_hosts(server);
    cr_expect(summary(results).starts_with("0:deferred:4"), "%s: %s", reply,
              summary(results).c_str());
    cr_expect_eq(server.connections(), 1, "%s", reply);
  }
}

// It was our handshake that failed, perhaps for a moment: that bounces nobody's mail.
Test(another_try, a_server_that_wants_tls_which_failed_defers) {
  for (const char* const mail :
       {"530 5.7.0 Must issue a STARTTLS command first\r\n", "523 encryption needed\r\n"}) {
    ScriptedServer server({[](Script& peer) {
                             peer.greet(kStartTls);
                             peer.answer("454 4.7.0 TLS not available\r\n");
                           },
                           [&](Script& peer) {
                             peer.greet(kStartTls);
                             peer.answer(mail);
                           }});
    const std::string got = summary(Delivery::of({}, smarthost(server.port())));
    cr_expect(got.starts_with("0:deferred:5") && got.ends_with(":tls"), "%s: %s", mail,
              got.c_str());
  }
  ScriptedServer without({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("530 5.7.0 Must issue a STARTTLS command first\r\n");
  }});
  expect_summary(Delivery::of({}, smarthost(without.port())), "0:failed:530:tls");
}

// RFC 5321 4.1.1.10: servers count who goes away without a word.
Test(another_try, a_host_that_is_of_no_use_hears_quit) {
  ScriptedServer server({[](Script& peer) {
                           peer.say("554 5.7.1 no\r\n");
                           peer.hear();
                         },
                         [](Script& peer) {
                           peer.say("220 test\r\n");
                           peer.answer("450 later\r\n");
                           peer.hear();
                         }});
  expect_summary(to_two_hosts(server), "0:deferred:450:other");
  const std::vector<std::string> heard = server.heard();
  cr_expect_eq(std::ranges::count(heard, "QUIT"), 2);
}

// A dot would end an empty message to those whom the server has accepted.
Test(another_try, no_lone_dot_where_the_server_has_accepted_recipients) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("451 4.3.0 later\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    peer.hear();
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:deferred:451:other");
  expect_same(server.heard().back(), "(closed)");
}
