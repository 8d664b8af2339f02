#include "queue/bounce/explanation.h"

#include <criterion/criterion.h>

#include "lib/sys/text.h"
#include "queue/bounce/class_words.h"
#include "requests.h"

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
      "A report for programs and the beginning of your message follow. For\r\n"
      "help, write to postmaster@mail.example.org and name 0123456789abcdef.\r\n";
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

Test(explanation, shows_nothing_that_is_not_printable) {
  NoticeRequest one = request();
  one.original = "Subject: a\x1b[2J\xff\r\n\r\n";
  one.recipients[0].outcome.reply = "b\x07\xc2\x9b";
  const std::string got = explanation(one);
  cr_expect(has(got, "a\\x1b[2J\\xff") && has(got, "b\\x07\\xc2\\x9b"), "%s", got.c_str());
  cr_expect(valid_utf8(got));
}

Test(explanation, leaves_out_a_subject_that_is_encoded) {
  NoticeRequest one = request();
  one.original = "Subject: =?utf-8?Q?caf=C3=A9?=\r\n\r\n";
  cr_expect(!has(explanation(one), "Subject"));
}
