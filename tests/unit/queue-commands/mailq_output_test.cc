#include "answers.h"

#include <criterion/criterion.h>
#include <cstdlib>
#include <ctime>

#include "queue/commands/mailq_output.h"

using namespace waypost;
using namespace waypost::queue;
using testing::has;

namespace {

MessageRow row() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  MessageRow one;
  one.id = "0123456789abcdef";
  one.arrived = testing::kArrived;
  one.size = 1500;
  one.sender = "alice@example.org";
  RecipientRow waits;
  waits.address = "bob@example.net";
  waits.state = "pending";
  waits.reply = "4.7.1 later\nplease";
  RecipientRow taken;
  taken.address = "carol@example.net";
  taken.state = "delivered";
  one.recipients = {waits, taken};
  return one;
}

} // namespace

Test(mailq, prints_what_scripts_of_postfix_read) {
  MailqOutput output;
  const std::string text = output.message(row());
  const std::string expected =
      "-Queue ID-           --Size-- ----Arrival Time---- -Sender/Recipient-------\n"
      "0123456789abcdef         1500 Tue Nov 14 22:13:20  alice@example.org\n" +
      std::string(78 - 20, ' ') + "(4.7.1 later please)\n" + std::string(51, ' ') +
      "bob@example.net\n";
  cr_expect(text == expected, "%s", text.c_str());
  cr_expect(output.end() == "\n-- 2 Kbytes in 1 Request.\n", "%s", output.end().c_str());
}

Test(mailq, parts_messages_by_blank_lines_and_marks_what_is_held) {
  MailqOutput output;
  static_cast<void>(output.message(row()));
  MessageRow held = row();
  held.held = true;
  held.sender.clear();
  const std::string text = output.message(held);
  cr_expect(text.starts_with("\n0123456789abcdef!   "), "%s", text.c_str());
  cr_expect(has(text, " MAILER-DAEMON\n"));
  cr_expect(output.end() == "\n-- 3 Kbytes in 2 Requests.\n");
}

Test(mailq, an_empty_queue_is_said_in_the_words_that_are_searched_for) {
  cr_expect(MailqOutput().end() == "Mail queue is empty\n");
}

Test(mailq, nothing_from_outside_can_begin_a_line) {
  MailqOutput output;
  MessageRow one = row();
  one.sender = "a\nFORGED@x";
  one.recipients[0].address = "b\r\nFORGED@x";
  one.recipients[0].reply = std::string(500, 'x') + "\x1b[2J\nFORGED";
  const std::string text = output.message(one);
  cr_expect(!has(text, "\nFORGED") && !has(text, "\x1b") && !has(text, "\r"), "%s", text.c_str());
}

Test(mailq, a_notice_owed_shows_whom_it_is_about) {
  MailqOutput output;
  MessageRow one = row();
  one.recipients[0].state = "failed";
  cr_expect(has(output.message(one), "bob@example.net\n"));
}
