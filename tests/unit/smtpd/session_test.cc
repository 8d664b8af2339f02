#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "talk.h"

using namespace std::string_literals;
using talk::Dialogue;
using talk::kMail;
using talk::kRcpt;
using talk::Lines;
using talk::operator+;

namespace {

const std::string kHeader = "Date: then\r\nFrom: a@b.test\r\nMessage-ID: <1@b.test>\r\n";

} // namespace

Test(session, commands_in_and_out_of_order) {
  struct Row {
    const char* name;
    Lines lines;
    const char* codes;
  };
  const Row rows[] = {
      {"a message", kRcpt + Lines{"DATA", ".", "QUIT"}, "250 250 250 354 250 221"},
      {"HELO", {"HELO me", "MAIL FROM:<>", "RCPT TO:<c@d.test>"}, "250 250 250"},
      {"MAIL before EHLO", {"MAIL FROM:<a@b.test>"}, "503"},
      {"RCPT before MAIL", {"EHLO me", "RCPT TO:<c@d.test>"}, "250 503"},
      {"DATA before MAIL", {"EHLO me", "DATA"}, "250 503"},
      {"DATA before RCPT", kMail + Lines{"DATA"}, "250 250 503"},
      {"DATA after a refused RCPT", kMail + Lines{"RCPT TO:<c@-d>", "DATA"}, "250 250 553 554"},
      {"MAIL in a transaction", kMail + Lines{"MAIL FROM:<a@b.test>"}, "250 250 503"},
      {"RSET ends a transaction", kRcpt + Lines{"RSET", "DATA"}, "250 250 250 250 503"},
      {"EHLO ends a transaction", kRcpt + Lines{"EHLO me", "DATA"}, "250 250 250 250 503"},
      {"NOOP does not", kRcpt + Lines{"NOOP", "DATA"}, "250 250 250 250 354"},
      {"VRFY, HELP, NOOP, RSET at any time",
       {"VRFY bob", "HELP", "NOOP x", "RSET"},
       "252 214 250 250"},
      {"EXPN", {"EXPN list"}, "502"},
      {"unknown", {"XYZ", ""}, "500 500"},
      {"not offered", {"STARTTLS", "AUTH PLAIN x", "BDAT 1"}, "502 502 502"},
      {"arguments",
       {"EHLO", "HELO a b", "EHLO a(b)", "DATA x", "RSET x", "VRFY"},
       "501 501 501 501 501 501"},
      {"EHLO with a literal", {"EHLO [192.0.2.1]", "EHLO [IPv6:2001:db8::1]"}, "250 250"},
      {"a sender without a domain", {"EHLO me", "MAIL FROM:<root>"}, "250 250"},
      {"an unknown parameter", {"EHLO me", "MAIL FROM:<a@b.test> X=1"}, "250 555"},
      {"too large, by SIZE", {"EHLO me", "MAIL FROM:<a@b.test> SIZE=10001"}, "250 552"},
      {"not too large", {"EHLO me", "MAIL FROM:<a@b.test> SIZE=10000"}, "250 250"},
      {"line too long", {std::string(3000, 'x'), "NOOP"}, "500 250"},
  };
  for (const Row& row : rows) {
    Dialogue dialogue;
    cr_expect_eq(dialogue.codes(row.lines), row.codes, "%s: %s", row.name,
                 dialogue.codes({"NOOP"}).c_str());
  }
}

Test(session, ehlo_names_what_is_true) {
  Dialogue dialogue;
  cr_expect_eq(
      dialogue.say("EHLO me.test\r\n"),
      "250-out.test\r\n250-PIPELINING\r\n250-SIZE 10000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
      "250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n");
}

Test(session, a_group_of_commands_is_answered_together_and_in_order) {
  Dialogue dialogue;
  dialogue.say("EHLO me.test\r\n");
  const std::string group = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<>\r\nDATA\r\n";
  for (std::size_t cut = 0; cut <= group.size(); ++cut) {
    std::string answer = dialogue.say(group.substr(0, cut));
    answer += dialogue.say(group.substr(cut));
    cr_expect_eq(answer,
                 "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n553 5.1.3 A recipient is never empty\r\n"
                 "354 End with CRLF.CRLF\r\n",
                 "cut at %zu", cut);
    // Behind the message the next group may stand at once.
    const std::string next = dialogue.say("x\r\n.\r\nNOOP\r\nRSET\r\n");
    cr_expect(next.starts_with("250 2.0.0 Safe") && next.ends_with("Ok\r\n250 2.0.0 Ok\r\n"));
  }
}

Test(session, who_does_not_wait_for_354_is_cut_off_before_a_line_of_it_is_obeyed) {
  for (const char* group :
       {"DATA\r\nRCPT TO:<x@y.test>\r\n", "EHLO me\r\nRSET\r\n", "HELO me\r\nx"}) {
    Dialogue dialogue;
    dialogue.codes(kRcpt);
    cr_expect(dialogue.say(group).starts_with("554 5.5.0"), "%s", group);
    cr_expect(dialogue.session->ended());
    Dialogue on_a_pipe; // a program of this machine that writes all at once
    on_a_pipe.client.network = false;
    on_a_pipe.codes(kRcpt);
    cr_expect(!on_a_pipe.say(group).starts_with("554 5.5.0"), "%s", group);
  }
}

Test(session, the_message_and_its_envelope_reach_the_queue) {
  Dialogue dialogue;
  dialogue.client.host = "client.test";
  dialogue.say("EHLO me.test\r\nMAIL");
  dialogue.begin();
  dialogue.codes({"EHLO me.test", "MAIL FROM:<a@b.test> BODY=8BITMIME RET=FULL ENVID=e1",
                  "RCPT TO:<c@d.test> NOTIFY=NEVER ORCPT=rfc822;x@y.test", "RCPT TO:<e@f.test>",
                  "DATA"});
  cr_expect(
      dialogue.say(kHeader + "Subject: x\r\n\r\n..\xff\0\r\n.\r\n"s).starts_with("250 2.0.0"));
  cr_assert_eq(dialogue.queue.taken.size(), 1);
  cr_expect_eq(dialogue.queue.taken[0].message,
               "Received: from me.test (client.test [192.0.2.1])\r\n\tby out.test (waypost-smtpd) "
               "with ESMTP; "
               "Sun, 22 Nov 2026 11:47:00 +0000\r\n" +
                   kHeader + "Subject: x\r\n\r\n.\xff\0\r\n"s);
  cr_expect_eq(
      dialogue.queue.taken[0].envelope,
      "Fa@b.test\0RFULL\0Ve1\0B8BITMIME\0Tc@d.test\0NNEVER\0Orfc822;x@y.test\0Te@f.test\0\0"s);
}

Test(session, received_names_the_protocol) {
  struct Row {
    const char *hello, *mail, *with;
  };
  const Row rows[] = {{"HELO me", "MAIL FROM:<a@b.test>", "with SMTP;"},
                      {"EHLO me", "MAIL FROM:<a@b.test>", "with ESMTP;"},
                      {"EHLO me", "MAIL FROM:<\xc3\xbc@b.test> SMTPUTF8", "with UTF8SMTP;"}};
  for (const Row& row : rows) {
    Dialogue dialogue;
    dialogue.client.ip = "2001:db8::1";
    dialogue.codes({row.hello, row.mail, "RCPT TO:<c@d.test>", "DATA", "."});
    cr_assert_eq(dialogue.queue.taken.size(), 1, "%s", row.mail);
    const std::string& message = dialogue.queue.taken[0].message;
    cr_expect(message.find(row.with) != std::string::npos, "%s", message.c_str());
    cr_expect(message.starts_with("Received: from me ([IPv6:2001:db8::1])\r\n"), "%s",
              message.c_str());
  }
}

Test(session, a_program_of_this_machine_gets_no_received_field_beside_the_queue_s) {
  Dialogue dialogue;
  dialogue.client = {};
  dialogue.client.relay = "";
  dialogue.until_data();
  dialogue.say(kHeader + "\r\nx\r\n.\r\n");
  cr_expect_eq(dialogue.queue.taken.at(0).message, kHeader + "\r\nx\r\n");
}

Test(session, who_may_send_to_everybody_gets_the_fields_that_are_missing) {
  const auto taken = [](const std::optional<std::string>& relay, const std::string& message) {
    Dialogue dialogue;
    dialogue.policy.size_max = 0;
    dialogue.client.relay = relay;
    dialogue.codes({"EHLO me.test", "MAIL FROM:<a@b.test>", "RCPT TO:<postmaster>", "DATA"});
    dialogue.say(message + "\r\n.\r\n");
    const std::string& all = dialogue.queue.taken.at(0).message;
    return all.substr(all.find("+0000\r\n") + 7); // behind Received
  };
  const std::string made = taken("", "Subject: x\r\n\r\nhello");
  cr_expect(made.starts_with("Date: Sun, 22 Nov 2026 11:47:00 +0000\r\nFrom: a@b.test\r\n"
                             "Message-ID: <"),
            "%s", made.c_str());
  cr_expect(made.ends_with("@out.test>\r\nSubject: x\r\n\r\nhello\r\n"), "%s", made.c_str());
  cr_expect_eq(taken(std::nullopt, "Subject: x\r\n\r\nhello"), "Subject: x\r\n\r\nhello\r\n");
  const std::string large(100'000, 'x');
  cr_expect(taken("", "Subject: x\r\n\r\n" + large).starts_with("Date: "));
}

Test(session, the_fields_that_are_missing_count_for_the_size) {
  Dialogue dialogue;
  dialogue.until_data();
  const std::string body = std::string(9'800, 'x') + "\r\n.\r\n";
  cr_expect(dialogue.say("\r\n" + body).starts_with("552 5.3.4"));
  dialogue.until_data();
  cr_expect(dialogue.say(kHeader + "\r\n" + body).starts_with("250"));
  cr_expect_eq(dialogue.queue.opened, 1);
}

Test(session, without_relayclient_nobody_but_the_postmaster_is_reached) {
  Dialogue dialogue;
  dialogue.client.relay.reset();
  const Lines rcpts = {"RCPT TO:<c@d.test>",
                       "RCPT TO:<c@out.test>",
                       "RCPT TO:<root>",
                       "RCPT TO:<@out.test:c@d.test>",
                       "RCPT TO:<c%d.test@out.test>",
                       "RCPT TO:<\"c@d.test\">",
                       "RCPT TO:<c@d.test> NOTIFY=NEVER"};
  cr_expect_eq(dialogue.codes(kMail + rcpts), "250 250 550 550 550 550 550 550 550");
  cr_expect(dialogue.say("RCPT TO:<c@d.test>\r\n").starts_with("550 5.7.1"));
  cr_expect_eq(dialogue.codes({"DATA", "RCPT TO:<PostMaster>", "DATA", "."}), "554 250 354 250");
  cr_expect_eq(dialogue.queue.taken.at(0).envelope, "Fa@b.test\0Tpm@out.test\0\0"s);
  cr_expect_eq(dialogue.codes({"MAIL FROM:<root>"}), "553");
}

Test(session, relayclient_is_put_behind_each_recipient) {
  Dialogue dialogue;
  dialogue.client.relay = ".filter";
  cr_expect_eq(dialogue.codes(kRcpt + Lines{"RCPT TO:<root>", "DATA", "."}),
               "250 250 250 250 354 250");
  cr_expect_eq(dialogue.queue.taken.at(0).envelope,
               "Fa@b.test\0Tc@d.test.filter\0Troot.filter@out.test\0\0"s);
}

Test(session, bare_line_ends_of_strangers_are_refused_after_the_end_of_the_message) {
  for (const std::string& bytes :
       {"a\nb\r\n"s, "a\rb\r\n"s, "\n.\n"s, "\r\n.\n"s, "\n.\r\n"s, "\r.\r"s, "\r\n.\r"s}) {
    Dialogue dialogue;
    dialogue.client.relay.reset();
    dialogue.codes({"EHLO me.test", "MAIL FROM:<a@b.test>", "RCPT TO:<postmaster>", "DATA"});
    cr_expect_eq(dialogue.say(bytes + "RSET\r\nNOOP\r\n"), "", "nothing of it is a command");
    cr_expect(dialogue.say("\r\n.\r\n").starts_with("550 5.6.0"));
    cr_expect(dialogue.queue.taken.empty() && dialogue.queue.opened == dialogue.queue.abandoned);
    cr_expect_eq(dialogue.codes({"NOOP"}), "250");
  }
}

Test(session, who_may_send_may_end_lines_with_lf_but_not_with_cr) {
  Dialogue dialogue;
  dialogue.client.network = false;
  dialogue.until_data();
  cr_expect(dialogue.say("a\n.\nMAIL FROM:<x@y.test>\n..\r\n.\r\n").starts_with("250"));
  cr_expect(dialogue.queue.taken.at(0).message.ends_with("\r\na\n.\nMAIL FROM:<x@y.test>\n.\r\n"));
  dialogue.until_data();
  cr_expect(dialogue.say("a\r.\r\n.\r\n").starts_with("550 5.6.0"));
  cr_expect_eq(dialogue.queue.taken.size(), 1);
}

Test(session, exit_statuses_of_the_queue_have_their_answers) {
  struct Row {
    int status;
    const char* answer;
  };
  const Row rows[] = {{0, "250 2.0.0"},   {11, "553 5.1.3"}, {31, "554 5.3.0"}, {51, "451 4.3.0"},
                      {52, "451 4.3.0"},  {53, "452 4.3.1"}, {54, "451 4.3.0"}, {62, "451 4.3.0"},
                      {71, "451 4.3.0"},  {72, "451 4.3.0"}, {73, "451 4.3.0"}, {74, "451 4.3.0"},
                      {75, "451 4.3.0"},  {81, "451 4.3.0"}, {91, "451 4.3.0"}, {100, "554 5.3.0"},
                      {111, "451 4.3.0"}, {255, "451 4.3.0"}};
  for (const Row& row : rows) {
    Dialogue dialogue;
    dialogue.queue.status = row.status;
    dialogue.until_data();
    const std::string answer = dialogue.say("x\r\n.\r\n");
    cr_expect(answer.starts_with(row.answer), "%d: %s", row.status, answer.c_str());
    cr_expect_eq(dialogue.codes({"MAIL FROM:<a@b.test>"}), "250");
  }
  Dialogue dialogue;
  dialogue.queue.broken = true;
  dialogue.until_data();
  cr_expect(dialogue.say("x\r\n.\r\n").starts_with("451 4.3.0"));
}

Test(session, a_message_beyond_the_limit_is_read_to_its_end_and_refused) {
  Dialogue dialogue;
  dialogue.policy.size_max = 100'000;
  dialogue.until_data();
  const std::string line(998, 'x');
  for (int i = 0; i < 101; ++i)
    cr_expect_eq(dialogue.say(line + "\r\n"), "");
  cr_expect_eq(dialogue.queue.opened, 1);
  cr_expect_eq(dialogue.queue.abandoned, 1);
  cr_expect(dialogue.say(".\r\n").starts_with("552 5.3.4"));
  cr_expect_eq(dialogue.codes({"MAIL FROM:<a@b.test>", "RCPT TO:<c@d.test>", "DATA", "."}),
               "250 250 354 250");
}

Test(session, strangers_reach_who_is_here_and_nobody_else) {
  struct Row {
    const char *recipient, *answer;
  };
  const Row rows[] = {
      {"here@local.test", "250 2.1.5"},
      {"nobody@local.test", "550 5.1.1"},
      {"here@other.test", "550 5.7.1"},
      {"here@unknown.test", "451 4.3.0"},
      {"here", "550 5.7.1"},
      {"postmaster", "250 2.1.5"},
      {"@local.test:here@other.test", "550 5.7.1"},
  };
  Dialogue dialogue;
  dialogue.client.relay.reset();
  dialogue.local = true;
  dialogue.codes(kMail);
  for (const Row& row : rows) {
    const std::string said = dialogue.say("RCPT TO:<" + std::string(row.recipient) + ">\r\n");
    cr_expect(said.starts_with(row.answer), "%s: %s", row.recipient, said.c_str());
  }
  cr_expect_eq(dialogue.codes({"DATA", "."}), "354 250");
  cr_assert_eq(dialogue.queue.taken.size(), 1U);
  cr_expect(dialogue.queue.taken[0].envelope.ends_with("There@local.test\0Tpm@out.test\0\0"s));
  Dialogue trusted; // nobody is asked for who may send to everybody
  trusted.local = true;
  cr_expect_eq(trusted.codes(kMail + Lines{"RCPT TO:<nobody@local.test>"}), "250 250 250");
  cr_expect_eq(trusted.names.asked, "");
}
