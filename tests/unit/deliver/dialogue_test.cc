// The SMTP dialogue against servers that behave, refuse, lie and go away.

#include <criterion/criterion.h>

#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;
using namespace std::string_literals;

namespace {

using Lines = std::vector<std::string>;

const Letter kTwo{.to = {"one@example.com", "two@example.com"}};

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + '\n';
  return text;
}

std::string outcome_reply(const std::vector<JobResult>& results) {
  if (results.empty() || results.back().transaction.groups.empty()) return "(none)";
  return results.back().transaction.groups.back().outcome.reply;
}

} // namespace

Test(dialogue, sends_envelope_in_one_flight_and_reports_the_whole_reply) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250-test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n");
    take_mail(peer, 1, "250-2.0.0 first\r\n250 2.0.0 second\r\n");
    peer.hear();
  }});
  std::vector<JobResult> results;
  {
    Delivery delivery(smarthost(server.port()));
    delivery.give(job_for({}), Letter().text);
    results = delivery.results();
  }
  expect_summary(results, "0:delivered:250");
  expect_same(outcome_reply(results), "2.0.0 first\n2.0.0 second");
  cr_expect(results.back().end);
  expect_same(joined(server.heard()), "EHLO me.test\n"
                                      "MAIL FROM:<from@example.org> SIZE=23\n"
                                      "RCPT TO:<one@example.com>\n"
                                      "DATA\n"
                                      "(closed)\n");
}

Test(dialogue, without_pipelining_waits_for_each_reply) {
  ScriptedServer server({[](Script& peer) {
    peer.greet("250 test\r\n");
    peer.answer("550 5.7.1 not you\r\n");
    peer.hear(); // nothing may have been sent behind MAIL
  }});
  std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_summary(results, "0:failed:550:other");
  expect_same(server.heard()[2], "QUIT");
}

Test(dialogue, falls_back_to_helo) {
  ScriptedServer server({[](Script& peer) {
    peer.say("220 test\r\n");
    peer.answer("502 what\r\n");
    peer.answer("250 test\r\n");
    take_mail(peer);
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:delivered:250");
  expect_same(server.heard()[1], "HELO me.test");
}

// A server that is out of step must not make us believe that the message was taken.
Test(dialogue, reply_before_the_message_is_no_delivery) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n250 taken\r\n");
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:deferred:other");
}

Test(dialogue, refused_mail_then_closed_is_the_outcome) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("550 5.1.0 sender refused\r\n");
  }});
  expect_summary(Delivery::of(kTwo, smarthost(server.port())), "0-1:failed:550:other");
}

Test(dialogue, refused_mail_explains_what_follows) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("451 4.3.0 later\r\n");
    peer.answer("503 5.5.1 need MAIL\r\n");
    peer.answer("503 5.5.1 need MAIL\r\n");
    peer.answer("503 5.5.1 need RCPT\r\n");
    peer.hear();
  }});
  expect_summary(Delivery::of(kTwo, smarthost(server.port())), "0-1:deferred:451:other");
}

Test(dialogue, refused_recipient_then_closed_is_its_outcome) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("554 5.7.1 go away\r\n");
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:failed:554:other");
}

Test(dialogue, sends_a_lone_dot_when_no_recipient_was_taken_but_data_was) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("450 4.2.1 later\r\n");
    peer.answer("354 go on\r\n");
    peer.answer("554 no recipients\r\n");
    take_mail(peer);
    peer.hear();
  }});
  std::vector<JobResult> results;
  {
    Delivery delivery(smarthost(server.port()));
    delivery.give(job_for(kTwo, 1), kTwo.text);
    delivery.give(job_for({}, 2), Letter().text);
    results = delivery.results(2);
  }
  expect_summary(results, "0:failed:550:mailbox 1:deferred:450:mailbox 0:delivered:250");
  expect_same(server.heard()[5], ".");
  cr_expect_eq(server.connections(), 1);
}

Test(dialogue, tells_recipients_apart) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("251 forwarded\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("451 4.7.1 Greylisted, come back\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
    peer.say("250 ok\r\n");
  }});
  const Letter letter{.to = {"a@example.com", "b@example.com", "c@example.com"}};
  expect_summary(Delivery::of(letter, smarthost(server.port())),
                 "0:delivered:250 1:failed:550:mailbox 2:deferred:451:greylisted");
}

Test(dialogue, too_many_recipients_go_into_another_transaction) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("452 4.5.3 too many recipients\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
    peer.say("250 ok\r\n");
    take_mail(peer);
  }});
  const std::vector<JobResult> results = Delivery::of(kTwo, smarthost(server.port()));
  expect_summary(results, "0:delivered:250 1:delivered:250");
  cr_expect_eq(results.size(), 2);
  cr_expect(!results.front().end && results.back().end);
  expect_same(server.heard()[6], "RCPT TO:<two@example.com>");
}

Test(dialogue, a_first_452_is_the_mailbox_s) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("452 full\r\n");
    peer.answer("503 no\r\n");
    peer.hear();
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:deferred:452:mailbox");
}

Test(dialogue, a_connection_lost_after_the_final_dot_may_have_delivered) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
  }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_summary(results, "0:deferred:unreachable");
  cr_expect(outcome_reply(results).find("may have been delivered") != std::string::npos);
  cr_expect_eq(server.connections(), 1);
}

Test(dialogue, a_refusal_while_the_message_is_sent_is_its_outcome) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    peer.say("552 5.3.4 too big\r\n");
    // Closing with bytes unread resets the connection.
  }});
  Letter letter;
  letter.text = "Subject: big\r\n\r\n";
  for (int i = 0; i < 200'000; ++i)
    letter.text += "0123456789012345678901234567890123456789\r\n";
  const std::vector<JobResult> results = Delivery::of(letter, smarthost(server.port()));
  expect_summary(results, "0:failed:552:content");
}

Test(dialogue, a_connection_lost_before_the_final_dot_is_deferred) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.hear();
  }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_summary(results, "0:deferred:unreachable");
  cr_expect(outcome_reply(results).find("may have") == std::string::npos);
}

Test(dialogue, silence_ends_at_the_deadline) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.hear();
    peer.hear();
    peer.hear();
    peer.hear(); // until the sender gives up
  }});
  Transport transport = smarthost(server.port());
  transport.timeouts.command_ms = 200;
  const std::vector<JobResult> results = Delivery::of({}, transport);
  expect_summary(results, "0:deferred:unreachable");
  cr_expect(outcome_reply(results).find("timed out") != std::string::npos, "%s",
            outcome_reply(results).c_str());
}

Test(dialogue, replies_that_are_none_are_protocol_errors) {
  const std::string long_line = "250 " + std::string(5000, 'x') + "\r\n";
  std::string endless;
  for (int i = 0; i < 2000; ++i)
    endless += "250-" + std::string(60, 'y') + "\r\n";
  const std::vector<std::string> replies = {
      "250-one\r\n550 two\r\n", "2500 ok\r\n", "abc\r\n",     "\r\n", long_line, endless,
      "250 a\0b\r\n"s,          "199 no\r\n",  "354 what\r\n"};
  for (const std::string& reply : replies) {
    ScriptedServer server({[&](Script& peer) {
      peer.greet();
      peer.answer(reply);
      peer.hear();
    }});
    const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
    cr_expect(summary(results) == "0:deferred:other", "%.40s: got %s (%s)", reply.c_str(),
              summary(results).c_str(), outcome_reply(results).c_str());
  }
}

Test(dialogue, replies_split_anywhere_are_read) {
  ScriptedServer server({[](Script& peer) {
    for (const char c : std::string("220-test\r\n220 ESMTP\r\n"))
      peer.say(std::string(1, c));
    peer.answer("250-te");
    peer.say("st\r\n250 PIPELINING\r");
    peer.say("\n");
    take_mail(peer);
  }});
  expect_summary(Delivery::of({}, smarthost(server.port())), "0:delivered:250");
}
