// `waypost why --transcript`: the dialogues as a person and as a script see them.

#include "queue/commands/story.h"

#include <criterion/criterion.h>

#include "answers.h"

using namespace waypost;
using namespace waypost::queue;
using testing::has;
using testing::kArrived;

namespace {

Transcript dialogue() {
  Transcript one;
  one.id = "0123456789abcdef";
  one.uid = 1000;
  one.time = kArrived + 2'000'000;
  one.attempt = 3;
  one.transport = "relay";
  one.recipients.add(0);
  append_transcript_line(one.text, {0, Speaker::nobody, "connected to mx.test [192.0.2.1]"});
  append_transcript_line(one.text, {12, Speaker::us, "EHLO me"});
  append_transcript_line(one.text,
                         {61'005, Speaker::server, "550 \x1b[2J\x9b no \xe2\x80\xae\"now\""});
  return one;
}

void tell(Story& story, const std::vector<Record>& answers) {
  for (const Record& answer : answers) {
    const auto taken = story.take(answer);
    cr_assert(taken.has_value(), "%s", taken ? "" : taken.error().text.c_str());
  }
  story.end();
}

} // namespace

Test(story_transcript, is_shown_with_times_and_without_what_a_terminal_obeys) {
  Story story;
  tell(story, {testing::message(), transcript_record(dialogue())});
  const std::string expected =
      "What was said\n"
      "2023-11-14T22:13:22Z  attempt 3 by relay, not delivered: user0@example.net\n"
      "     0.000 * connected to mx.test [192.0.2.1]\n"
      "     0.012 > EHLO me\n"
      "    61.005 < 550 \\x1b[2J\\x9b no \\xe2\\x80\\xae\"now\"\n";
  const std::string text = story.dialogues();
  cr_expect(text == expected, "%s", text.c_str());
  cr_expect(!has(story.text(kArrived), "EHLO"), "the story itself is as it was");
}

Test(story_transcript, as_json_is_an_object_a_dialogue) {
  Story story;
  tell(story, {testing::message(0, 2), transcript_record(dialogue())});
  std::vector<std::string> lines;
  story.dialogues_json([&](const std::string& line) { lines.push_back(line); });
  cr_assert_eq(lines.size(), 1U);
  const std::string expected =
      "{\"time\":\"2023-11-14T22:13:22Z\",\"kind\":\"transcript\",\"recipient\":null,\"attempt\":3,"
      "\"transport\":\"relay\",\"rule\":null,\"host\":null,\"address\":null,\"tls\":null,"
      "\"outcome\":null,\"code\":null,\"enhanced\":null,\"reply\":null,\"class\":null,"
      "\"recipients\":[\"user0@example.net\"],\"lines\":["
      "{\"ms\":0,\"by\":\"nobody\",\"text\":\"connected to mx.test [192.0.2.1]\"},"
      "{\"ms\":12,\"by\":\"us\",\"text\":\"EHLO me\"},";
  cr_expect(lines[0].starts_with(expected), "%s", lines[0].c_str());
  cr_expect(!has(lines[0], "\x1b") && !has(lines[0], "\x9b") && !has(lines[0], "\xe2\x80\xae"));
}

Test(story_transcript, says_when_none_is_kept) {
  Story story;
  tell(story, {testing::message()});
  cr_expect(has(story.dialogues(), "No dialogue is kept"));
}

Test(story_transcript, a_bad_one_is_an_error) {
  Story story;
  Record bad;
  bad.add("type", "transcript").add("uid", "x");
  cr_expect(!story.take(bad).has_value());
}
