// Addresses and bytes beyond ASCII: SMTPUTF8 (RFC 6531), A-labels (RFC 5891), 8BITMIME (RFC 6152).

#include <criterion/criterion.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

#define BUECHER "b\xc3\xbc\x63her"
#define JUERGEN "j\xc3\xbcrgen"

const std::string kUtf8Header = "Subject: Gr\xc3\xbc\xc3\x9f"
                                "e\r\n\r\nbody\r\n";

struct Row {
  const char* name;
  bool offered; // SMTPUTF8
  const char* from;
  const char* to;
  const char* mail; // what is sent; empty: nothing
  const char* rcpt;
};

const std::vector<Row> kRows = {
    {"plain addresses ask for nothing", true, "a@example.org", "b@example.com",
     "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>"},
    {"a local part is sent as it is", true, "a@example.org", JUERGEN "@example.com",
     "MAIL FROM:<a@example.org> SMTPUTF8", "RCPT TO:<" JUERGEN "@example.com>"},
    {"a domain is sent as it is", true, "a@example.org", "b@" BUECHER ".example",
     "MAIL FROM:<a@example.org> SMTPUTF8", "RCPT TO:<b@" BUECHER ".example>"},
    {"a sender's domain is sent as it is", true, "a@" BUECHER ".example", "b@example.com",
     "MAIL FROM:<a@" BUECHER ".example> SMTPUTF8", "RCPT TO:<b@example.com>"},
    {"a domain has A-labels", false, "a@example.org", "b@" BUECHER ".example",
     "MAIL FROM:<a@example.org>", "RCPT TO:<b@xn--bcher-kva.example>"},
    {"a sender's domain has A-labels", false, "a@" BUECHER ".example", "b@example.com",
     "MAIL FROM:<a@xn--bcher-kva.example>", "RCPT TO:<b@example.com>"},
    {"a local part that is no dot-atom is quoted", false, "a..b@example.org", "a,b@example.com",
     "MAIL FROM:<\"a..b\"@example.org>", "RCPT TO:<\"a,b\"@example.com>"},
    {"a quoted one stays as it is", false, "\"a b\"@example.org", "\"x\\\\y\"@example.com",
     "MAIL FROM:<\"a b\"@example.org>", "RCPT TO:<\"x\\\\y\"@example.com>"},
    {"the dot behind a domain stays here", false, "a@example.org.", "b@example.com.",
     "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>"},
    {"a literal stays as it is", false, "a@[192.0.2.1]", "b@[IPv6:2001:db8::1]",
     "MAIL FROM:<a@[192.0.2.1]>", "RCPT TO:<b@[IPv6:2001:db8::1]>"},
    {"sharp s is its own letter in IDNA 2008", false, "a@example.org",
     "b@stra\xc3\x9f"
     "e.example",
     "MAIL FROM:<a@example.org>", "RCPT TO:<b@xn--strae-oqa.example>"},
    {"a recipient's local part cannot do without", false, "a@example.org", JUERGEN "@example.com",
     "", ""},
    {"a sender's local part cannot do without", false, JUERGEN "@example.org", "b@example.com", "",
     ""},
};

ScriptedServer::Play take_one(const std::string& ehlo) {
  return [=](Script& peer) {
    peer.greet(ehlo);
    take_mail(peer);
    peer.hear();
  };
}

} // namespace

Test(utf8, addresses_on_the_wire) {
  for (const Row& row : kRows) {
    ScriptedServer server({take_one(row.offered ? "250-test\r\n250 SMTPUTF8\r\n" : "250 t\r\n")});
    const Letter letter{.sender = row.from, .to = {row.to}};
    const std::vector<JobResult> results = Delivery::of(letter, smarthost(server.port()));
    const std::vector<std::string> heard = server.heard();
    if (*row.mail == 0) {
      cr_expect(summary(results) == "0:failed:content", "%s: %s", row.name,
                summary(results).c_str());
      const EnhancedCode status = results.back().transaction.groups[0].outcome.status;
      cr_expect(status == EnhancedCode(5, 6, 7), "%s: %s", row.name, status.text().c_str());
      continue;
    }
    cr_expect(summary(results) == "0:delivered:250", "%s: %s", row.name, summary(results).c_str());
    cr_assert(heard.size() > 2, "%s", row.name);
    cr_expect(heard[1] == row.mail, "%s: %s", row.name, heard[1].c_str());
    cr_expect(heard[2] == row.rcpt, "%s: %s", row.name, heard[2].c_str());
  }
}

Test(utf8, a_header_that_happens_to_hold_it_demands_nothing) {
  std::string received;
  for (const char* const ehlo : {"250 test\r\n", "250-test\r\n250 SMTPUTF8\r\n"}) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet(ehlo);
      received = take_mail(peer);
    }});
    const Letter letter{.text = kUtf8Header};
    expect_summary(Delivery::of(letter, smarthost(server.port())), "0:delivered:250");
    expect_same(server.heard()[1], "MAIL FROM:<from@example.org>");
    expect_same(received, kUtf8Header);
  }
}

Test(utf8, is_passed_on_where_it_was_asked_for_and_is_offered) {
  for (const bool offered : {true, false}) {
    ScriptedServer server({take_one(offered ? "250-test\r\n250 SMTPUTF8\r\n" : "250 t\r\n")});
    Job job = job_for({.text = kUtf8Header});
    job.sender.utf8 = true;
    Delivery delivery(smarthost(server.port()));
    delivery.give(job, kUtf8Header);
    expect_summary(delivery.results(), "0:delivered:250");
    expect_same(server.heard()[1],
                offered ? "MAIL FROM:<from@example.org> SMTPUTF8" : "MAIL FROM:<from@example.org>");
  }
}

Test(utf8, one_recipient_that_cannot_be_reached_keeps_nobody_else_from_it) {
  ScriptedServer server({take_one("250 test\r\n")});
  const Letter letter{.to = {JUERGEN "@example.com", "b@example.com"}};
  expect_summary(Delivery::of(letter, smarthost(server.port())),
                 "0:failed:content 1:delivered:250");
}

Test(eight_bit, is_announced_where_the_server_knows_it) {
  ScriptedServer server({take_one("250-test\r\n250 8BITMIME\r\n")});
  Job job = job_for({.text = kUtf8Header});
  job.eight_bit = true;
  Delivery delivery(smarthost(server.port()));
  delivery.give(job, kUtf8Header);
  expect_summary(delivery.results(), "0:delivered:250");
  expect_same(server.heard()[1], "MAIL FROM:<from@example.org> BODY=8BITMIME");
}

Test(eight_bit, goes_unchanged_to_a_server_that_lacks_it) {
  std::string received;
  ScriptedServer server({[&](Script& peer) {
    peer.greet("250-test\r\n250 PIPELINING\r\n");
    received = take_mail(peer);
  }});
  Job job = job_for({.text = kUtf8Header});
  job.eight_bit = true;
  job.sender.body = BodyType::eight_bit_mime;
  Delivery delivery(smarthost(server.port()));
  delivery.give(job, kUtf8Header);
  expect_summary(delivery.results(), "0:delivered:250");
  expect_same(server.heard()[1], "MAIL FROM:<from@example.org>");
  expect_same(received, kUtf8Header);
}
