// The recorder of dialogues: what it keeps, what it leaves out, and what never comes in.

#include <criterion/criterion.h>

#include "deliver/recorder.h"

using namespace waypost;
using deliver::Recorder;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A recorder in the middle of a connection's opening.
void open(Recorder& recorder) {
  recorder.begin(1000, false);
  recorder.opens();
  recorder.note(1002, "connected to mx.test [192.0.2.1]");
  recorder.received(1010, "220 mx.test");
  recorder.sent(1010, "EHLO me.test\r\n");
  recorder.received(1020, "250 mx.test");
}

const std::string kOpening = "2 * connected to mx.test [192.0.2.1]\n"
                             "10 < 220 mx.test\n"
                             "10 > EHLO me.test\n"
                             "20 < 250 mx.test\n";

std::size_t lines_of(std::string_view text) {
  std::size_t lines = 0;
  while (take_transcript_line(text))
    ++lines;
  cr_expect(text.empty(), "no line: %.80s", std::string(text).c_str());
  return lines;
}

} // namespace

Test(recorder, writes_down_who_said_what_and_when) {
  Recorder recorder;
  open(recorder);
  recorder.ready();
  recorder.sent(1021, "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n");
  recorder.received(1030, "354 go on");
  recorder.message(12'000);
  recorder.message(345);
  recorder.received(3030, "550 no");
  const std::string text = recorder.take();
  const std::string expected = kOpening + "21 > MAIL FROM:<a@x.test>\n"
                                          "21 > RCPT TO:<b@x.test>\n"
                                          "21 > DATA\n"
                                          "30 < 354 go on\n"
                                          "2030 > (12,345 bytes of message)\n"
                                          "2030 < 550 no\n";
  cr_expect(text == expected, "%s", text.c_str());
  cr_expect(recorder.take().empty(), "nothing since");
}

Test(recorder, a_kept_connection_tells_its_opening_and_nothing_of_the_message_before) {
  Recorder recorder;
  open(recorder);
  recorder.ready();
  recorder.sent(1021, "MAIL FROM:<first@x.test>\r\n");
  recorder.received(1022, "550 first");
  cr_expect(has(recorder.take(), "first"));
  recorder.sent(1023, "late first");
  recorder.begin(5000, true);
  recorder.sent(5001, "MAIL FROM:<second@x.test>\r\n");
  const std::string second = recorder.take();
  const std::string expected =
      kOpening + "4001 * the connection is used again\n4001 > MAIL FROM:<second@x.test>\n";
  cr_expect(second == expected, "%s", second.c_str());
  recorder.begin(9000, false);
  recorder.opens();
  recorder.note(9001, "another");
  cr_expect_eq(recorder.take(), "1 * another\n");
}

Test(recorder, keeps_the_beginning_and_the_end_of_what_is_long) {
  Recorder recorder;
  open(recorder);
  recorder.ready();
  for (int i = 0; i < 5000; ++i)
    recorder.received(2000, "250-line " + std::to_string(i));
  recorder.received(2000, std::string(700, 'a') + std::string(4000, 'b') + std::string(250, 'c'));
  recorder.received(2001, "250 the last");
  const std::string text = recorder.take();
  cr_expect(text.starts_with(kOpening));
  cr_expect(text.ends_with("1001 < 250 the last\n"));
  cr_expect(has(text, "line 0\n") && !has(text, "line 2500\n") && has(text, "line 4999\n"));
  cr_expect(has(text, " lines left out)"));
  cr_expect(has(text, "aa [4,000 bytes left out] cc"));
  cr_expect(text.size() < kMaxTranscript, "%zu bytes", text.size());
  lines_of(text);
}

Test(recorder, no_byte_of_a_line_can_make_another_line) {
  Recorder recorder;
  open(recorder);
  using namespace std::string_literals;
  recorder.received(1030, "250 a\0b\r5 > QUIT"s);
  recorder.sent(1031, "NOOP\r\nNOOP\r\n");
  cr_expect_eq(lines_of(recorder.take()), 7);
}

Test(recorder, an_auth_exchange_leaves_no_secret) {
  struct Row {
    const char* what;
    std::vector<std::string> script; // beginning with > or <
    std::vector<std::string> secrets;
    const char* kept;
  };
  const std::vector<Row> rows = {
      {"PLAIN at once",
       {">AUTH PLAIN AGFsaWNlAHBhc3M=", "<235 2.7.0 welcome"},
       {"AGFs"},
       "AUTH PLAIN (16 bytes"},
      {"PLAIN later",
       {">auth plain", "<334 ", ">AGFsaWNlAHBhc3M=", "<235 welcome"},
       {"AGFs"},
       "auth plain"},
      {"LOGIN",
       {">AUTH LOGIN", "<334 VXNlcm5hbWU6", ">YWxpY2U=", "<334 UGFzc3dvcmQ6",
        ">cGFzcw==", "<235 welcome"},
       {"YWxp", "cGFz", "VXNl"},
       "AUTH LOGIN"},
      {"SCRAM",
       {">AUTH SCRAM-SHA-256 biwsbj1hbGljZQ==", "<334 cj1zYWx0", ">Yz1iaXdz", "<334 dj1zaWc=", ">",
        "<235 welcome"},
       {"biws", "cj1z", "Yz1i", "dj1z"},
       "AUTH SCRAM-SHA-256 (16 bytes"},
      {"echoed",
       {">AUTH PLAIN AGFsaWNlAHBhc3M=", "<500-unknown AUTH PLAIN AGFsaWNlAHBhc3M=",
        "<500 AGFsaWNlAHBhc3M="},
       {"AGFs"},
       "500 (secret)"},
      {"echoed, and part of what stands in its place",
       {">AUTH PLAIN cret", "<500 cret secret"},
       {"500 cret"},
       "500 (secret) se(secret)"},
      {"given up", {">AUTH LOGIN", "<334 VXNlcm5hbWU6", ">*", "<501 welcome"}, {"VXNl"}, "> *"},
  };
  for (const Row& row : rows) {
    Recorder recorder;
    open(recorder);
    for (const std::string& line : row.script) {
      if (line.front() == '>') recorder.sent(2000, line.substr(1) + "\r\n");
      if (line.front() == '<') recorder.received(2000, line.substr(1));
    }
    recorder.ready();
    recorder.sent(2001, "MAIL FROM:<a@x.test>\r\n");
    recorder.received(2002, "250 ok");
    std::string text = recorder.take();
    recorder.begin(3000, true);
    recorder.sent(3000, "MAIL FROM:<b@x.test>\r\n");
    text += recorder.take(); // the opening again
    for (const std::string& secret : row.secrets)
      cr_expect(!has(text, secret), "%s: %s in\n%s", row.what, secret.c_str(), text.c_str());
    cr_expect(has(text, row.kept), "%s:\n%s", row.what, text.c_str());
    cr_expect(has(text, "MAIL FROM:<a@x.test>") && has(text, "250 ok"), "%s: it has ended",
              row.what);
  }
}

Test(recorder, a_line_that_is_said_to_be_secret_is_none) {
  Recorder recorder;
  open(recorder);
  recorder.secret();
  recorder.sent(1030, "XPASS hunter22\r\n");
  recorder.received(1031, "500 what is XPASS hunter22?");
  recorder.sent(1032, "NOOP\r\n");
  const std::string text = recorder.take();
  cr_expect(!has(text, "hunter22") && has(text, "> (14 bytes, not recorded)"), "%s", text.c_str());
  cr_expect(has(text, "500 what is (secret)?") && has(text, "> NOOP"), "%s", text.c_str());
}
