#include "queue/commands/list_output.h"

#include <criterion/criterion.h>

#include "answers.h"

using namespace waypost;
using namespace waypost::queue;
using testing::has;
using testing::kArrived;
using testing::message;

namespace {

std::vector<MessageRow> rows(const std::vector<Record>& answers) {
  std::vector<MessageRow> all;
  RowCollector collector([&](const MessageRow& row) { all.push_back(row); });
  for (const Record& answer : answers)
    cr_assert(collector.take(answer).has_value());
  collector.end();
  return all;
}

} // namespace

Test(rows, put_recipients_of_several_records_together) {
  const auto all = rows({message(0, 1000), message(1000, 500)});
  cr_assert(all.size() == 1);
  cr_expect(all[0].recipients.size() == 1500);
  cr_expect(all[0].recipients[1499].address == "user1499@example.net");
}

Test(rows, keep_messages_apart) {
  Record other;
  other.add("type", "message").add("id", "vvvvvvvvvvvvvvvv").add("arrived", "1").add("size", "2");
  other.add("uid", "3");
  cr_expect(rows({message(), other, message()}).size() == 3);
}

Test(rows, refuse_answers_that_lack_a_field_or_have_a_bad_one) {
  for (const char* missing : {"id", "arrived", "size", "uid"}) {
    const Record whole = message();
    Record record;
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (whole.field(i).key != missing) record.add(whole.field(i).key, whole.field(i).value);
    RowCollector collector([](const MessageRow&) {});
    cr_expect(!collector.take(record).has_value(), "without %s", missing);
  }
  for (const auto& [key, value] : {std::pair{"rcpt", "x"},
                                   {"attempts", "-1"},
                                   {"next", "soon"},
                                   {"rcpt", "0"},
                                   {"classes", "x"}}) {
    Record record = message();
    record.add(key, value);
    RowCollector collector([](const MessageRow&) {});
    cr_expect(!collector.take(record).has_value(), "%s=%s", key, value);
  }
}

Test(list_json, has_the_documented_keys) {
  const std::string expected =
      R"({"id":"0123456789abcdef","arrived":"2023-11-14T22:13:20Z","size":1234,)"
      R"("sender":"alice@example.org","account":"alice","held":false,"hand":null,"recipients":[)"
      R"({"address":"user0@example.net","state":"pending","attempts":2,)"
      R"("next_attempt":"2023-11-14T22:23:20Z","transport":"direct","class":"greylisted",)"
      R"("reply":"4.7.1 later\nplease","classes":["greylisted","rate"],"refused":["relay"]}]})";
  const std::string got = list_json(rows({message()})[0]);
  cr_expect(got == expected, "%s", got.c_str());
}

Test(list_json, says_null_for_what_is_not_known_and_tells_of_notices) {
  MessageRow row;
  row.notice = "owed";
  row.held = true;
  row.hand = "relay";
  row.recipients.emplace_back().state = "failed";
  const std::string got = list_json(row);
  cr_expect(has(got, R"("sender":"")") && has(got, R"("notice":"owed")"), "%s", got.c_str());
  cr_expect(has(got, R"("held":true)") && has(got, R"("next_attempt":null)"), "%s", got.c_str());
  cr_expect(has(got, R"("transport":null,"class":null,"reply":null,"classes":[],"refused":[])"),
            "%s", got.c_str());
  cr_expect(has(got, R"("hand":"relay")"), "%s", got.c_str());
}

Test(list_line, tells_a_person_where_a_message_stands) {
  const std::string got = list_line(rows({message(0, 3)})[0], kArrived);
  cr_expect(got ==
                "0123456789abcdef    2023-11-14T22:13:20Z 1.2K  2     in 10m  alice@example.org -> "
                "user0@example.net and 2 more  (greylisted: 4.7.1 later / please)",
            "%s", got.c_str());
}

Test(list_line, columns_stand_under_their_headings) {
  const std::string heading = list_heading();
  const std::string line = list_line(rows({message()})[0], kArrived);
  for (const auto& [word, value] :
       {std::pair{"ARRIVED", "2023-"}, {"SIZE", "1.2K"}, {"NEXT", "in 10m"}, {"FROM", "alice@"}})
    cr_expect(heading.find(word) == line.find(value), "%s", word);
}

Test(list_line, shows_the_recipient_that_waits) {
  MessageRow row = rows({message(0, 2)})[0];
  row.recipients[0].state = "delivered";
  cr_expect(has(list_line(row, kArrived), "user1@example.net"));
  row.held = true;
  cr_expect(has(list_line(row, kArrived), " held "));
  row.held = false;
  cr_expect(has(list_line(row, kArrived + 700'000'000), " now "));
}

Test(list_line, is_safe_to_print_and_bounded) {
  MessageRow row = rows({message()})[0];
  row.sender = "a\x1b[2J@b";
  row.recipients[0].reply = "\x07" + std::string(5000, 'x');
  const std::string got = list_line(row, kArrived);
  cr_expect(!has(got, "\x1b") && !has(got, "\x07") && got.size() < 400, "%s", got.c_str());
}

Test(list_output, short_forms) {
  cr_expect(short_span(500) == "0s" && short_span(-5) == "0s");
  cr_expect(short_span(90'000'000) == "90s" && short_span(450'000'000) == "7m");
  cr_expect(short_span(3'600'000'000 * 5) == "5h" && short_span(3'600'000'000 * 72) == "3d");
  cr_expect(short_size(999) == "999" && short_size(1000) == "1.0K" && short_size(12345) == "12K");
  cr_expect(short_size(3'400'000) == "3.4M" && short_size(100'000'000) == "100M");
  cr_expect(shown_sender("") == "<>");
}
