// What leaves for a server: parameters, addresses, the message itself; and when a connection is
// used again.

#include <criterion/criterion.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;
using namespace std::string_literals;

Test(message, offers_what_the_server_has_and_the_message_needs) {
  const auto play = [](Script& peer) {
    peer.greet("250-test\r\n250-SIZE 100\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n");
    take_mail(peer);
    peer.hear();
  };
  ScriptedServer server({play});
  Letter letter{.to = {"j\xc3\xbcrgen@example.com"}};
  Job job = job_for(letter);
  job.eight_bit = true;
  job.sender.ret = DsnReturn::headers;
  job.sender.envid = "QQ314159";
  job.recipients[0].recipient.notify = *Notify::parse("SUCCESS,FAILURE");
  job.recipients[0].recipient.orcpt = "rfc822;x@example.net";
  std::vector<JobResult> results;
  {
    Delivery delivery(smarthost(server.port()));
    delivery.give(job, letter.text);
    results = delivery.results();
  }
  expect_summary(results, "0:delivered:250");
  const std::vector<std::string> heard = server.heard();
  expect_same(heard.at(1), "MAIL FROM:<from@example.org> SIZE=23 BODY=8BITMIME SMTPUTF8 RET=HDRS "
                           "ENVID=QQ314159");
  expect_same(heard.at(2), "RCPT TO:<j\xc3\xbcrgen@example.com> NOTIFY=SUCCESS,FAILURE "
                           "ORCPT=rfc822;x@example.net");
}

Test(message, without_dsn_a_wanted_success_is_relayed) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
  }});
  Job job = job_for({});
  job.recipients[0].recipient.notify = *Notify::parse("SUCCESS");
  Delivery delivery(smarthost(server.port()));
  delivery.give(job, Letter().text);
  expect_summary(delivery.results(), "0:relayed:250");
}

Test(message, without_smtputf8_only_a_local_part_needs_it) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
    peer.hear();
  }});
  const Letter letter{.to = {"j\xc3\xbcrgen@example.com", "anna@b\xc3\xbc\x63her.example"}};
  const std::vector<JobResult> results = Delivery::of(letter, smarthost(server.port()));
  expect_summary(results, "0:failed:content 1:delivered:250");
  expect_same(results.back().transaction.groups[0].outcome.status.text(), "5.6.7");
  expect_same(server.heard().at(2), "RCPT TO:<anna@xn--bcher-kva.example>");
}

Test(message, a_message_too_large_is_not_offered) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250-test\r\n250 SIZE 10\r\n");
    peer.hear();
  }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_summary(results, "0:failed:content");
  expect_same(results.back().transaction.groups[0].outcome.status.text(), "5.3.4");
}

Test(message, overlays_go_out_in_place_of_what_they_replace) {
  std::vector<std::string> received;
  const auto play = [&](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    received.push_back(peer.hear_message());
    peer.say("250 ok\r\n");
  };
  ScriptedServer server({play, play});
  for (const bool dkim : {true, false}) {
    Transport transport = smarthost(server.port());
    transport.dkim = dkim;
    Job job = job_for({});
    job.skip = 15; // "Subject: test\r\n"
    job.headers = "Subject: new\r\n";
    job.signature = "DKIM-Signature: x\r\n";
    Delivery delivery(transport);
    delivery.give(job, Letter().text);
    expect_summary(delivery.results(), "0:delivered:250");
  }
  expect_same(received.at(0), "DKIM-Signature: x\r\nSubject: new\r\n\r\nbody\r\n");
  expect_same(received.at(1), "Subject: new\r\n\r\nbody\r\n");
}

Test(message, a_null_sender_may_be_replaced_by_the_transport) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
  }});
  Transport transport = smarthost(server.port());
  transport.null_sender = "bounces@example.org";
  const Letter letter{.sender = ""};
  expect_summary(Delivery::of(letter, transport), "0:delivered:250");
  expect_same(server.heard().at(1), "MAIL FROM:<bounces@example.org>");
}

Test(message, resets_an_open_transaction_before_the_next) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n"); // no pipelining: DATA is not sent at all
    peer.answer("250 ok\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("250 reset\r\n");
    take_mail(peer);
    peer.hear();
  }});
  std::vector<JobResult> results;
  {
    Delivery delivery(smarthost(server.port()));
    delivery.give(job_for({}, 1), Letter().text);
    delivery.give(job_for({}, 2), Letter().text);
    results = delivery.results(2);
  }
  expect_summary(results, "0:failed:550:mailbox 0:delivered:250");
  expect_same(server.heard()[3], "RSET");
}

Test(message, a_connection_is_used_again_and_for_no_longer_than_allowed) {
  const auto play = [](Script& peer) {
    peer.greet();
    take_mail(peer);
    take_mail(peer);
    peer.hear();
  };
  ScriptedServer server({play, play});
  Transport transport = smarthost(server.port());
  transport.messages_per_connection = 2;
  transport.connections = 1;
  std::vector<JobResult> results;
  {
    Delivery delivery(transport);
    for (std::uint64_t i = 1; i <= 3; ++i)
      delivery.give(job_for({}, i), Letter().text);
    results = delivery.results(3);
  }
  expect_summary(results, "0:delivered:250 0:delivered:250 0:delivered:250");
  cr_expect_eq(server.connections(), 2);
  expect_same(server.heard()[7], "QUIT");
}

Test(message, a_used_connection_that_is_gone_is_replaced) {
  ScriptedServer server({[](Script& peer) {
                           peer.greet();
                           take_mail(peer);
                         },
                         [](Script& peer) {
                           peer.greet();
                           take_mail(peer);
                           peer.answer("421 4.4.2 idle for too long\r\n");
                         },
                         [](Script& peer) {
                           peer.greet();
                           take_mail(peer);
                         }});
  Delivery delivery(smarthost(server.port()));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    delivery.give(job_for({}, i), Letter().text);
    const std::vector<JobResult>& results = delivery.results(i);
    cr_expect(results.size() == i && summary({results.back()}) == "0:delivered:250", "%lu: %s",
              static_cast<unsigned long>(i), summary(results).c_str());
  }
}

Test(message, the_message_leaves_byte_for_byte_with_dots_doubled) {
  std::string received;
  ScriptedServer server({[&](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    received = peer.hear_message();
    peer.say("250 ok\r\n");
  }});
  Letter letter;
  letter.text = "Subject: \xc3\xbc\r\n\r\n.\r\n..x\r\n\0nul\xff\r\nend"s;
  expect_summary(Delivery::of(letter, smarthost(server.port())), "0:delivered:250");
  cr_expect(server.heard().size() > 3);
  const std::string expected = "Subject: \xc3\xbc\r\n\r\n..\r\n...x\r\n\0nul\xff\r\nend\r\n"s;
  cr_expect(received == expected, "got %zu bytes: %s", received.size(), received.c_str());
}
