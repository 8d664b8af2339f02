#include "queue/bounce/explanation.h"

#include <criterion/criterion.h>

#include "lib/sys/text.h"
#include "queue/bounce/class_words.h"
#include "requests.h"

using namespace std::string_literals;
using namespace waypost;
using namespace waypost::queue;
using testing::failed;
using testing::has;
using testing::request;

Test(explanation, reads_like_a_letter) {
  const std::string expected =
      "This is the mail system at mail.example.org.\r\n"
      "\r\n"
      "Your message could not be delivered to one recipient. It will not be\r\n"
      "tried again.\r\n"
      "\r\n"
      "    Subject: The plan for Monday\r\n"
      "    Sent: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
      "    Our name for it: 0123456789abcdef\r\n"
      "\r\n"
      "  bob@example.net\r\n"
      "    Why: the other end has no such mailbox, or it takes no mail.\r\n"
      "    mx.example.net said:\r\n"
      "      550 5.1.1 no such user here\r\n"
      "      look elsewhere\r\n"
      "\r\n"
      "What you can do:\r\n"
      "    Check the address for typing errors, or ask the recipient for the\r\n"
      "    right one.\r\n"
      "\r\n"
      "A report for programs and the header of the message follow. For help,\r\n"
      "write to postmaster@example.org and name 0123456789abcdef.\r\n";
  const std::string got = explanation(request());
  cr_expect(got == expected, "%s", got.c_str());
}

Test(explanation, every_class_has_words_of_its_own) {
  std::string seen;
  for (const FailureClass klass :
       {FailureClass::blocked, FailureClass::greylisted, FailureClass::rate, FailureClass::auth,
        FailureClass::tls, FailureClass::unreachable, FailureClass::dns, FailureClass::mailbox,
        FailureClass::content, FailureClass::other}) {
    const ClassWords words = class_words(klass);
    cr_expect(!words.failed.empty() && !words.delayed.empty() && !words.advice.empty());
    cr_expect(!has(seen, words.failed), "%s", std::string(words.failed).c_str());
    seen += words.failed;
  }
}

Test(explanation, a_delay_asks_for_no_action) {
  NoticeRequest one = request(NoticeKind::delay);
  one.expires = 1'700'500'000'000'000;
  one.recipients[0].outcome.klass = FailureClass::greylisted;
  const std::string got = explanation(one);
  cr_expect(has(got, "You need"), "%s", got.c_str());
  cr_expect(has(got, "Mon, 20 Nov 2023 17:06:40\r\n+0000."), "%s", got.c_str());
  cr_expect(!has(got, "What you can do"));
}

Test(explanation, a_failure_of_our_own_says_our_sentence) {
  NoticeRequest one = request();
  one.recipients[0].outcome = {
      Disposition::failed, FailureClass::none, 0, {}, "given up by uid 0", true};
  const std::string got = explanation(one);
  cr_expect(has(got, "    What happened: given up by uid 0\r\n"), "%s", got.c_str());
  cr_expect(!has(got, "Why:"), "%s", got.c_str());
}

Test(explanation, recipients_with_one_reason_stand_together) {
  NoticeRequest one = request();
  one.recipients = {failed("a@example.net"), failed("b@example.net", FailureClass::blocked),
                    failed("c@example.net")};
  const std::string got = explanation(one);
  cr_expect(has(got, "  a@example.net\r\n  c@example.net\r\n    Why:"), "%s", got.c_str());
  cr_expect(has(got, "to 3 recipients."), "%s", got.c_str());
}

Test(explanation, is_bounded_however_many_there_are) {
  NoticeRequest one = request();
  one.recipients.assign(30'000, failed("a@example.net"));
  cr_expect(has(explanation(one), "  and 29950 recipients more for the same reason\r\n"));
  for (std::size_t i = 0; i < one.recipients.size(); ++i)
    one.recipients[i].outcome.reply = "reason " + std::to_string(i);
  const std::string got = explanation(one);
  cr_expect(got.size() < 10'000, "%zu", got.size());
  cr_expect(has(got, "29980 recipients"), "%s", got.c_str());
}

Test(explanation, time_that_ran_out_is_ours_and_the_last_words_are_the_server_s) {
  NoticeRequest one = request();
  one.now = one.arrival + 5LL * 86'400 * 1'000'000;
  one.recipients[0].outcome = {Disposition::failed, FailureClass::rate,       451,
                               {4, 4, 7},           "4.3.2 busy, come later", true};
  const std::string got = explanation(one);
  cr_expect(has(got, "    It was tried for 5 days.\r\n"
                     "    The last time mx.example.net said:\r\n"
                     "      451 4.3.2 busy, come later\r\n"),
            "%s", got.c_str());
  one.recipients[0].outcome.code = 0;
  one.recipients[0].outcome.reply = "connection refused";
  cr_expect(has(explanation(one), "    The last time: connection refused\r\n"), "%s",
            explanation(one).c_str());
}

Test(explanation, a_delay_before_any_attempt_says_so) {
  NoticeRequest one = request(NoticeKind::delay);
  one.recipients[0].outcome = {};
  one.recipients[0].attempted = 0;
  const std::string got = explanation(one);
  cr_expect(has(got, "Why: its turn has not come yet.") && !has(got, "said:"), "%s", got.c_str());
}

Test(explanation, a_delay_says_which_recipients_wait_and_how_many_more) {
  NoticeRequest one = request(NoticeKind::delay);
  one.recipients = {failed("a@example.net"), failed("b@example.net")};
  one.unlisted = 70'000;
  const std::string got = explanation(one);
  cr_expect(has(got, "  a@example.net\r\n  b@example.net\r\n") && has(got, "70002 recipients"),
            "%s", got.c_str());
  cr_expect(has(got, "And 70000 recipients more, whom this notice does not list."), "%s",
            got.c_str());
}

Test(explanation, a_lost_notice_speaks_to_the_postmaster) {
  NoticeRequest one = request();
  one.lost = true;
  one.id = "0123456789abcdef.b1";
  one.recipients = {failed("alice@example.org")};
  const std::string got = explanation(one);
  cr_expect(has(got, "A notice of this mail system could not be delivered"), "%s", got.c_str());
  cr_expect(!has(got, "our message") && !has(got, "For help"), "%s", got.c_str());
  cr_expect(
      has(got, "the message as 0123456789abcdef, of this notice as\r\n    0123456789abcdef.b1."),
      "%s", got.c_str());
  cr_expect(subject(one) == "Not delivered: a notice to alice@example.org");
}

Test(explanation, subjects_say_what_happened_and_to_whom) {
  const struct {
    NoticeKind kind;
    const char* subject;
  } rows[] = {
      {NoticeKind::failure, "Not delivered: your message to bob@example.net"},
      {NoticeKind::delay, "Delayed: your message to bob@example.net"},
      {NoticeKind::relayed, "Handed on: your message to bob@example.net"},
      {NoticeKind::success, "Delivered: your message to bob@example.net"},
  };
  for (const auto& row : rows)
    cr_expect(subject(request(row.kind)) == row.subject, "%s", subject(request(row.kind)).c_str());
  NoticeRequest many = request();
  many.recipients.assign(3, many.recipients[0]);
  cr_expect(subject(many) == "Not delivered: your message to 3 recipients");
  for (const std::string& address :
       {"j\u00fcrgen@example.net"s, std::string(200, 'a') + "@b.example"}) {
    NoticeRequest one = request();
    one.recipients = {failed(address)};
    cr_expect(subject(one) == "Not delivered: your message to one recipient", "%s",
              subject(one).c_str());
  }
}

// What a person reads fits a terminal, but for words that are longer than a line.
Test(explanation, no_line_is_wider_than_72_columns) {
  for (const NoticeKind kind :
       {NoticeKind::failure, NoticeKind::delay, NoticeKind::success, NoticeKind::relayed}) {
    for (int klass = 0; klass <= static_cast<int>(FailureClass::other); ++klass) {
      NoticeRequest one = request(kind);
      one.expires = one.now;
      one.recipients[0].outcome.klass = static_cast<FailureClass>(klass);
      one.recipients[0].outcome.reply = "5.7.1 a reply that is longer than one line of a terminal, "
                                        "as they are when somebody has found the words for it";
      std::string text = explanation(one);
      std::string_view rest = text;
      while (!rest.empty()) {
        const std::string_view line = cut(rest, '\n');
        cr_expect(line.size() <= 73, "%.*s", static_cast<int>(line.size()), line.data());
      }
    }
  }
}

Test(explanation, shows_nothing_that_is_not_printable) {
  NoticeRequest one = request();
  one.original = "Subject: a\x1b[2J\xff\r\n\r\n";
  one.recipients[0].outcome.reply = "b\x07\xc2\x9b";
  const std::string got = explanation(one);
  cr_expect(has(got, "a\\x1b[2J\\xff") && has(got, "b\\x07\\xc2\\x9b"), "%s", got.c_str());
  cr_expect(valid_utf8(got));
}

Test(explanation, shows_an_encoded_subject_where_it_can_be_read) {
  NoticeRequest one = request();
  one.original = "Subject: =?utf-8?Q?caf=C3=A9?=\r\n =?utf-8?q?_=1B[2J?=\r\n\r\n";
  cr_expect(has(explanation(one), "    Subject: caf\u00e9 \\x1b[2J\r\n"), "%s",
            explanation(one).c_str());
  one.original = "Subject: =?koi8-r?Q?caf=C3=A9?=\r\n\r\n";
  cr_expect(!has(explanation(one), "Subject"));
}
