// Which results bring their dialogue along, and what stands in it.

#include <criterion/criterion.h>

#include "lib/mail/transcript.h"
#include "tests/unit/deliver/delivery.h"
#include "tests/unit/deliver/scripted_server.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// The words of a transcript's lines, without their times.
std::string dialogue(const std::vector<JobResult>& results) {
  std::string all;
  if (results.empty()) return all;
  std::string_view text = results.back().transcript;
  while (const auto line = take_transcript_line(text)) {
    all += static_cast<char>(line->speaker);
    all += ' ' + std::string(line->words) + '\n';
  }
  return all;
}

bool says(const std::vector<JobResult>& results, std::string_view part) {
  return dialogue(results).find(part) != std::string::npos;
}

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

Test(transcript, of_a_refusal_is_the_whole_dialogue) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
    peer.say("554-5.7.1 we do not\r\n554 5.7.1 like this\r\n");
  }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_same(dialogue(results), "* connected to " + at(server.port()) +
                                     "\n"
                                     "< 220 test ESMTP\n"
                                     "> EHLO me.test\n"
                                     "< 250-test\n"
                                     "< 250 PIPELINING\n"
                                     "> MAIL FROM:<from@example.org>\n"
                                     "> RCPT TO:<one@example.com>\n"
                                     "> DATA\n"
                                     "< 250 ok\n"
                                     "< 250 ok\n"
                                     "< 354 go on\n"
                                     "> (26 bytes of message)\n"
                                     "< 554-5.7.1 we do not\n"
                                     "< 554 5.7.1 like this\n");
}

Test(transcript, of_what_was_delivered_is_none) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
  }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  expect_summary(results, "0:delivered:250");
  cr_expect(results.back().transcript.empty());
}

Test(transcript, comes_when_one_of_several_was_refused) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    peer.answer("250 ok\r\n");
    peer.answer("250 ok\r\n");
    peer.answer("550 5.1.1 unknown\r\n");
    peer.answer("354 go on\r\n");
    peer.hear_message();
    peer.say("250 ok\r\n");
  }});
  const Letter two{.to = {"one@example.com", "two@example.com"}};
  const std::vector<JobResult> results = Delivery::of(two, smarthost(server.port()));
  expect_summary(results, "0:delivered:250 1:failed:550:mailbox");
  cr_expect(says(results, "< 550 5.1.1 unknown"));
}

Test(transcript, of_a_dead_host_says_so) {
  const std::vector<JobResult> results = Delivery::of({}, smarthost(1));
  expect_summary(results, "0:deferred:unreachable");
  cr_expect(says(results, "* 127.0.0.1:1: connect: Connection refused"), "%s",
            dialogue(results).c_str());
}

Test(transcript, of_a_host_that_goes_away_says_so) {
  ScriptedServer server({[](Script& peer) { peer.say("220 test\r\n"); }});
  const std::vector<JobResult> results = Delivery::of({}, smarthost(server.port()));
  cr_expect(says(results, "< 220 test\n> EHLO me.test\n* "), "%s", dialogue(results).c_str());
}

Test(transcript, tells_of_tls_and_of_doing_without) {
  ScriptedServer encrypted({[](Script& peer) {
    peer.greet("250-test\r\n250 STARTTLS\r\n");
    peer.answer("220 go\r\n");
    peer.start_tls();
    peer.answer("250 test\r\n");
    peer.answer("451 later\r\n");
  }});
  const std::vector<JobResult> one = Delivery::of({}, smarthost(encrypted.port()));
  cr_expect(says(one, "> STARTTLS\n< 220 go\n* TLSv1.3 "), "%s", dialogue(one).c_str());
  cr_expect(says(one, "> MAIL FROM:<from@example.org>\n< 451 later\n"));

  ScriptedServer broken({[](Script& peer) {
                           peer.greet("250-test\r\n250 STARTTLS\r\n");
                           peer.answer("454 not now\r\n");
                         },
                         [](Script& peer) {
                           peer.greet("250 test\r\n");
                           peer.answer("451 later\r\n");
                         }});
  const std::vector<JobResult> two = Delivery::of({}, smarthost(broken.port()));
  cr_expect(says(two, "< 454 not now\n* once more without TLS\n* connected to "), "%s",
            dialogue(two).c_str());
}

Test(transcript, of_a_second_message_has_the_opening_and_nothing_of_the_first) {
  ScriptedServer server({[](Script& peer) {
    peer.greet();
    take_mail(peer);
    peer.answer("451 4.3.0 later\r\n");
    peer.answer("503 no\r\n");
    peer.answer("503 no\r\n");
  }});
  Delivery delivery(smarthost(server.port()));
  delivery.give(job_for({.to = {"first@example.com"}}, 1), Letter().text);
  delivery.give(job_for({.to = {"second@example.com"}}, 2), Letter().text);
  const std::vector<JobResult> results = delivery.results(2);
  expect_summary(results, "0:delivered:250 0:deferred:451:other");
  cr_expect(says(results, "< 220 test ESMTP\n"));
  cr_expect(says(results, "* the connection is used again\n> MAIL FROM"));
  cr_expect(says(results, "second@") && !says(results, "first@"), "%s", dialogue(results).c_str());
}
