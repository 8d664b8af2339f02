#include "queue/commands/text_table.h"
#include "queue/commands/top_picture.h"

#include <criterion/criterion.h>

#include "lib/sys/text.h"
#include "tests/unit/queue-commands/answers.h"

using namespace waypost;
using namespace waypost::queue;
using namespace waypost::queue::testing;

namespace {

Record destination_answer(std::string_view name) {
  Record record;
  record.add("type", "destination").add("transport", "direct").add("destination", name);
  record.add_number("waiting", 4).add_number("under_way", 2).add_number("rate", 1'500);
  record.add_number("delivered", 10).add_number("deferred", 7).add_number("failed", 1);
  record.add_number("oldest", kArrived - 7'200'000'000).add("last_class", "greylisted");
  record.add("reply", "4.7.1 \x1b[2Jlater\nplease");
  record.add("class", "greylisted").add_number("count", 7);
  return record.add("class", "mailbox").add_number("count", 1);
}

TopPicture picture(int destinations) {
  TopPicture made;
  Record queue;
  queue.add("type", "queue").add_number("deferred", 12).add_number("oldest", kArrived - 60'000'000);
  SenderState senders{3, 1, 1, {{"relay", FailureClass::auth, "535 no\nsuch login"}}};
  Record transport;
  transport.add("type", "transport").add("transport", "direct").add_number("messages", 12);
  transport.add_number("delivered_rate", 120'000).add_number("deferred_rate", 40);
  transport.add("class", "tls").add_number("count", 2);
  for (const Record& one : {queue, to_record(senders), transport})
    cr_assert(made.take(one).has_value());
  for (int i = 0; i < destinations; ++i)
    cr_assert(made.take(destination_answer("d" + std::to_string(i) + ".test")).has_value());
  return made;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines)
    all += line + "\n";
  return all;
}

} // namespace

Test(top_picture, shows_queue_senders_transports_and_destinations) {
  const std::string text = joined(picture(1).lines(1'000, 1'000, kArrived));
  for (const char* part :
       {"12 deferred", "the oldest is 60s old", "3 living, 1 idle", "1 destinations known to fail",
        "held back  relay (auth): 535 no / such login", "120 ", "tls 2", "d0.test", "1.5", "2h",
        "greylisted 7, mailbox 1: 4.7.1 \\x1b[2Jlater / please"})
    cr_expect(has(text, part), "%s\nnot in\n%s", part, text.c_str());
}

Test(top_picture, fits_any_terminal_and_holds_no_control_character) {
  const TopPicture made = picture(100);
  for (const std::size_t width : {std::size_t{1}, std::size_t{40}, std::size_t{200}}) {
    for (const std::size_t height : {std::size_t{1}, std::size_t{24}, std::size_t{500}}) {
      const auto lines = made.lines(width, height, kArrived);
      cr_expect_leq(lines.size(), height);
      for (const std::string& line : lines) {
        cr_expect_leq(text_width(line), width);
        cr_expect_eq(printable(line), line);
      }
    }
  }
}

Test(top_picture, is_an_object) {
  const std::string json = picture(1).json();
  for (const char* part :
       {R"("deferred":12)", R"("living":3)", R"({"transport":"relay","class":"auth",)",
        R"("delivered_per_minute":120,)", R"("destination":"d0.test")",
        R"("outcomes_per_minute":1.5,)", R"("oldest":"2023-11-14T20:13:20Z")",
        R"({"class":"greylisted","count":7})", R"(\u001b[2J)"})
    cr_expect(has(json, part), "%s\nnot in\n%s", part, json.c_str());
  cr_expect_eq(printable(json), json);
}

Test(top_picture, refuses_an_answer_that_does_not_end) {
  TopPicture made;
  const Record one = destination_answer("d.test");
  bool taken = true;
  for (int i = 0; i < 10'000 && taken; ++i)
    taken = made.take(one).has_value();
  cr_expect_not(taken);
}

Test(text_table, aligns_by_characters) {
  TextTable table(1);
  table.add({"name", "n"});
  table.add({"b\xC3\xBC"
             "cher",
             "12"});
  const auto lines = table.lines();
  cr_expect_eq(lines[0], "name     n");
  cr_expect_eq(lines[1], "b\xC3\xBC"
                         "cher  12");
  cr_expect_eq(cut_to_width("b\xC3\xBC"
                            "cher",
                            2),
               "b\xC3\xBC");
}
