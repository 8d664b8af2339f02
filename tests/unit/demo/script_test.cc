// Scripts of waypost-sink: what they mean, and what is said of wrong ones.

#include <criterion/criterion.h>

#include "demo/script.h"

using namespace waypost::demo;
using namespace std::string_literals;

namespace {

// "2: text; 5: text", or "" for a good script.
std::string errors_of(std::string_view text) {
  const auto script = parse_script(text);
  std::string out;
  if (script) return out;
  for (const ScriptError& one : script.error())
    out += (out.empty() ? "" : "; ") + std::to_string(one.line) + ": " + one.text;
  return out;
}

Script good(std::string_view text) {
  auto script = parse_script(text);
  cr_expect(script.has_value(), "%s", errors_of(text).c_str());
  return script ? *std::move(script) : Script();
}

} // namespace

Test(script, nothing_is_a_friendly_server) {
  const Script script = good("# only a comment\n\n");
  cr_expect(script.sections.empty());
  cr_expect_eq(script.offers.size(), 4);
  cr_expect(script.ends == LineEnds::strict && script.most_sessions == 0);
}

Test(script, settings_stand_above_the_sections) {
  const Script script =
      good("offer PIPELINING SIZE=1000\nends any\nsessions 2 421 4.7.0 Too many\n");
  cr_expect(script.offers == std::vector<std::string>({"PIPELINING", "SIZE 1000"}));
  cr_expect(script.ends == LineEnds::any);
  cr_expect_eq(script.most_sessions, 2);
  cr_expect(script.refusal == "421 4.7.0 Too many");
  cr_expect(good("offer\n").offers.empty(), "nothing is offered");
}

Test(script, a_section_says_when_for_whom_and_how_often) {
  const Script script = good(
      "at rcpt TO:<Bob@example.org> times 3\r\n  reply 450 4.7.1 Come  back \r\nat BODY\n usual\n");
  cr_assert_eq(script.sections.size(), 2);
  const Section& first = script.sections[0];
  cr_expect(first.moment == Moment::rcpt && first.line == 1 && first.times == 3);
  cr_expect(first.words == "to:<bob@example.org>");
  cr_expect(first.steps.at(0).what == Do::reply);
  cr_expect(first.steps.at(0).bytes == "450 4.7.1 Come  back");
  cr_expect(script.sections[1].moment == Moment::body && !script.sections[1].times);
}

Test(script, every_step_is_read) {
  const Script script =
      good("at CONNECT\n"
           "reply 220 hello\n"
           "raw \"a\\r\\n\\0\\xfF\\\\\\\"\\t\"\n"
           "repeat 5 \"x\"\n"
           "endless \"250-y\\r\\n\"\n"
           "usual\nwait 200ms\nwait 2m\nsplit 1 every 1s\nsplit 7\nwhole\nread 100\n"
           "silence\ndeaf\nclose\nreset\ntls\n");
  const std::vector<Step>& steps = script.sections.at(0).steps;
  cr_assert_eq(steps.size(), 16);
  cr_expect(steps[1].bytes == "a\r\n\0\xff\\\"\t"s && steps[1].count == 1);
  cr_expect(steps[2].count == 5 && steps[3].count == 0 && steps[3].what == Do::raw);
  cr_expect(steps[5].time.count() == 200 && steps[6].time.count() == 120'000);
  cr_expect(steps[7].count == 1 && steps[7].time.count() == 1000);
  cr_expect(steps[8].count == 7 && steps[8].time.count() == 0);
  cr_expect(steps[9].what == Do::split && steps[9].count == 0, "whole");
  cr_expect(steps[10].count == 100);
  cr_expect(steps[15].what == Do::tls);
}

Test(script, wrong_lines_are_named_with_what_would_be_right) {
  struct Row {
    const char* text;
    const char* errors;
  };
  const std::vector<Row> rows = {
      {"at NOWHERE\nusual",
       "1: 'NOWHERE' is no stage; there are CONNECT EHLO HELO STARTTLS MAIL RCPT "
       "DATA BODY RSET NOOP QUIT OTHER"},
      {"at",
       "1: '' is no stage; there are CONNECT EHLO HELO STARTTLS MAIL RCPT DATA BODY RSET NOOP "
       "QUIT OTHER"},
      {"at MAIL times 0\nusual", "1: '0' is no number from 1 to 1000000000"},
      {"at MAIL times 2 x\nusual", "1: nothing may follow here, but 'x' does"},
      {"at MAIL\nat RCPT\nusual", "1: a section without a step; the least is: usual"},
      {"wait 1s",
       "1: 'wait' is no setting; there are offer ends sessions, and steps stand below: at "
       "STAGE"},
      {"at MAIL\nusual\noffer X", "3: settings stand above the first section"},
      {"at MAIL\nsulk\n",
       "2: 'sulk' is no step; there are reply raw repeat endless usual wait split "
       "whole read silence deaf close reset tls"},
      {"at MAIL\nreply", "2: a reply needs its text, as in: reply 250 2.1.0 Ok"},
      {"at MAIL\nraw x", "2: bytes stand in quotes, as in \"250 ok\\r\\n\""},
      {"at MAIL\nraw \"x", "2: the closing \" is missing"},
      {"at MAIL\nraw \"\\q\"", "2: behind \\ stands one of r n t 0 \\ \" or xNN, as in \\xff"},
      {"at MAIL\nraw \"\\x1\"", "2: behind \\ stands one of r n t 0 \\ \" or xNN, as in \\xff"},
      {"at MAIL\nraw \"x\" y", "2: nothing may follow here, but 'y' does"},
      {"at MAIL\nendless \"\"", "2: no bytes for ever is silence"},
      {"at MAIL\nrepeat many \"x\"", "2: 'many' is no number from 1 to 1000000000"},
      {"at MAIL\nwait 5", "2: '5' is no time; write it as 200ms, 5s or 2m"},
      {"at MAIL\nwait -1s", "2: '-1s' is no time; write it as 200ms, 5s or 2m"},
      {"at MAIL\nwait 99999999999999999s",
       "2: '99999999999999999s' is no time; write it as 200ms, 5s "
       "or 2m"},
      {"at MAIL\nsplit 1 per 1s", "2: the pause is written: split 1 every 1s"},
      {"at MAIL\nclose now", "2: nothing may follow here, but 'now' does"},
      {"ends soon", "1: 'soon' is no way to end a line; there are strict lf any"},
      {"sessions 2", "1: and what do the others get? sessions 2 421 4.7.0 Too many"},
      {"at X\xff\n",
       "1: 'X\\xff' is no stage; there are CONNECT EHLO HELO STARTTLS MAIL RCPT DATA BODY "
       "RSET NOOP QUIT OTHER"},
      {"ends soon\nat MAIL\nsulk\nwait 5",
       "1: 'soon' is no way to end a line; there are strict lf any; "
       "3: 'sulk' is no step; there are reply raw repeat endless "
       "usual wait split whole read silence deaf close reset tls; "
       "4: '5' is no time; write it as 200ms, 5s or 2m"},
  };
  for (const Row& row : rows) {
    const std::string errors = errors_of(row.text);
    cr_expect(errors == row.errors, "%s\n  says: %s", row.text, errors.c_str());
  }
}
