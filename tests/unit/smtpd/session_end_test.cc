// How a session ends that its client does not end: limits, time, and a service that goes.
#include <criterion/criterion.h>

#include <string>

#include "talk.h"

using talk::Dialogue;
using talk::kMail;
using talk::kRcpt;
using talk::Lines;
using talk::operator+;

Test(session_end, a_service_that_ends_takes_the_message_under_way_and_says_421) {
  Dialogue idle;
  idle.codes({"EHLO me.test"});
  idle.session->close();
  cr_expect(idle.session->replies().starts_with("421 4.3.2") && idle.session->ended());
  Dialogue busy;
  busy.until_data();
  busy.session->close();
  cr_expect(busy.session->replies().empty() && !busy.session->ended());
  const std::string said = busy.say("x\r\n.\r\nNOOP\r\n");
  cr_expect(said.starts_with("250 2.0.0") && said.find("\r\n421 4.3.2") != std::string::npos, "%s",
            said.c_str());
  cr_expect(busy.session->ended() && busy.queue.taken.size() == 1);
  Dialogue gives_up;
  gives_up.codes(kMail);
  gives_up.session->close();
  cr_expect_eq(gives_up.codes({"RCPT TO:<c@d.test>", "RSET"}), "250 250");
  cr_expect(gives_up.session->ended());
  Dialogue leaves;
  leaves.codes(kMail);
  leaves.session->close();
  cr_expect(leaves.say("QUIT\r\n").find("421") == std::string::npos);
}

Test(session_end, limits) {
  Dialogue many;
  many.policy.limits.recipients = 2;
  cr_expect_eq(many.codes(kRcpt + Lines{"RCPT TO:<e@f.test>", "RCPT TO:<g@h.test>", "DATA", "."}),
               "250 250 250 250 452 354 250");
  Dialogue mistaken;
  mistaken.policy.limits.mistakes = 3;
  cr_expect_eq(mistaken.codes({"X", "X", "X"}), "500 500 421");
  cr_expect(mistaken.session->ended());
  Dialogue guessing;
  guessing.client.relay.reset();
  guessing.policy.limits.refused_recipients = 2;
  cr_expect_eq(guessing.codes(kMail + Lines{"RCPT TO:<a@b.test>", "RCPT TO:<a@b.test>"}),
               "250 250 550 421");
  Dialogue idle;
  idle.policy.limits.commands_without_mail = 3;
  cr_expect_eq(idle.codes({"NOOP", "RSET", "NOOP", "NOOP"}), "250 250 250 421");
  Dialogue patient; // what is part of a message does not count, and a message forgives
  patient.policy.limits.commands_without_mail = 4;
  patient.policy.limits.mistakes = 2;
  const Lines message = {
      "MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "NOOP", "NOOP", "NOOP", "DATA", "."};
  cr_expect_eq(patient.codes(Lines{"EHLO me", "X"} + message + Lines{"X"} + message),
               "250 500 250 250 250 250 250 354 250 500 250 250 250 250 250 354 250");
  Dialogue browser;
  cr_expect_eq(browser.codes({"POST / HTTP/1.1"}), "554");
  cr_expect(browser.session->ended());
}

Test(session_end, deadlines) {
  Dialogue dialogue;
  dialogue.begin();
  const auto left = [&dialogue] {
    return (dialogue.session->deadline() - dialogue.time.now) / 1000;
  };
  cr_expect_eq(left(), 300);
  dialogue.time.now += 100'000;
  dialogue.say("NOO"); // a byte now and then gains nothing
  cr_expect_eq(left(), 200);
  dialogue.say("P\r\n");
  cr_expect_eq(left(), 300);
  dialogue.until_data();
  dialogue.time.now += 10'000;
  dialogue.say(std::string(8000, 'x'));
  cr_expect(left() >= 297 && left() <= 299, "8000 bytes and the trace give 8 seconds more: %ld",
            long(left()));
  dialogue.time.now += 21'500'000;
  cr_expect_lt(left(), 0);
  dialogue.session->time_out();
  cr_expect(dialogue.session->replies().starts_with("421 4.4.2"));
  cr_expect(dialogue.session->ended() && dialogue.queue.taken.empty());
}
