#include "local/command.h"

#include <algorithm>
#include <sys/stat.h>

#include "tests/unit/local/letters.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::local;

namespace {

Verdict run(const std::string& script, Post& post, BootMs limit = 20'000) {
  const RealClock clock;
  const Command command{{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, limit};
  return deliver_to_command(clock, command, envelope(), post.letter());
}

} // namespace

Test(command, gets_the_message_with_its_trace_and_says_how_it_went) {
  const Folder folder;
  Post post("Subject: x\r\n\r\none\r\n");
  const Verdict verdict = run("cat > " + folder.at("got") + "; echo words; exit 67", post);
  cr_expect_eq(verdict.exit, 67);
  cr_expect(verdict.text == "words\n");
  cr_expect(folder.read("got") == "Return-Path: <bob@home.test>\n"
                                  "Delivered-To: alice+x@here.test\n"
                                  "Subject: x\n\none\n");
}

Test(command, that_failed_is_told_of_when_its_set_id_bits_had_no_effect) {
  const Folder folder;
  const std::string program = folder.at("program");
  const std::string is = " (" + program + " is ";
  const std::string no_effect = ", which has no effect here: it has its user's rights alone)";
  struct Row {
    mode_t mode;
    const char* script;
    std::string text;
  };
  for (const Row& row : {Row{0755, "echo no; exit 77", "no\n"}, Row{06755, "echo yes", "yes\n"},
                         Row{06755, "exit 99", ""}, Row{02745, "exit 75", ""},
                         Row{04755, "echo no; exit 77", "no" + is + "set-user-ID" + no_effect},
                         Row{02755, "exit 75", is + "set-group-ID" + no_effect}}) {
    folder.write("program", "#!/bin/sh\ncat > /dev/null\n" + std::string(row.script) + "\n");
    cr_assert_eq(::chmod(program.c_str(), row.mode), 0);
    Post post("x\r\n");
    const Command command{{program}, {"PATH=/usr/bin:/bin"}, 20'000};
    const Verdict verdict = deliver_to_command(RealClock(), command, envelope(), post.letter());
    cr_expect(verdict.text == row.text, "%o: %s", row.mode, verdict.text.c_str());
  }
}

Test(command, that_reads_nothing_may_succeed_and_one_that_cannot_start_is_tried_again) {
  Post unread(std::string(60'000, 'x'));
  cr_expect_eq(run("exit 0", unread).exit, 0);
  Post post("x\r\n");
  const RealClock clock;
  const Verdict verdict =
      deliver_to_command(clock, {{"/opt/no/such/program"}, {}, 20'000}, envelope(), post.letter());
  cr_expect_eq(verdict.exit, 127);
  cr_expect(verdict.text.find("/opt/no/such/program") != std::string::npos, "%s",
            verdict.text.c_str());
}

Test(command, gets_all_of_the_message_though_it_has_closed_its_output) {
  const Folder folder;
  const std::string bytes(65'536, 'x'); // with its trace more than a pipe holds
  Post post(bytes);
  const Verdict verdict = run("exec > /dev/null 2>&1; sleep 0.2; cat > " + folder.at("got"), post);
  cr_expect_eq(verdict.exit, 0, "%s", verdict.text.c_str());
  cr_expect(folder.read("got").ends_with(bytes));
}

Test(command, that_has_ended_is_not_waited_for_because_of_what_it_left_running) {
  Post post("x\r\n");
  const Verdict verdict = run("cat > /dev/null; echo word; sleep 30 & exit 0", post);
  cr_expect_eq(verdict.exit, 0, "%s", verdict.text.c_str());
  cr_expect(verdict.text == "word\n");
}

Test(command, is_killed_before_it_can_take_half_a_message_for_a_whole_one) {
  const Folder folder;
  Post post("Subject: x\r\n\r\nhalf", 1000);
  const Verdict verdict = run("cat > /dev/null; echo ended > " + folder.at("ended"), post);
  cr_expect_eq(verdict.exit, EX_TEMPFAIL);
  cr_expect(folder.names().empty(), "it never saw an end");
}

Test(command, has_its_time_and_no_more) {
  Post post("x\r\n");
  const Verdict verdict = run("sleep 60", post, 200);
  cr_expect_eq(verdict.exit, EX_TEMPFAIL);
  cr_expect(verdict.text.find("time") != std::string::npos, "%s", verdict.text.c_str());
}

Test(command, words_are_filled_in_whole_and_no_option_comes_from_outside) {
  const auto filled = fill_in({"/bin/p", "{user}", "{detail}", "{local}", "{domain}", "{recipient}",
                               "{sender}", "x{user}", "{other}"},
                              envelope());
  cr_assert(filled.has_value());
  cr_expect(*filled ==
            std::vector<std::string>({"/bin/p", "alice", "x", "alice+x", "here.test",
                                      "alice+x@here.test", "bob@home.test", "x{user}", "{other}"}));
  cr_expect(!fill_in({"/bin/p", "{user}"}, envelope("-rf@here.test")));
  cr_expect(!fill_in({"/bin/p", "{sender}"}, envelope("a@b.test", "-x@home.test")));
}

Test(command, environment_holds_nothing_that_a_script_could_stumble_on) {
  char path[] = "PATH=/bin";
  char secret[] = "LD_PRELOAD=/tmp/x.so";
  char* const inherited[] = {path, secret, nullptr};
  const auto all =
      command_environment(envelope("\"() { :;}; $(x)`y`\"@here.test", "a;b@c.test"), inherited);
  for (const std::string& one : all) {
    cr_expect(one.find_first_of(" $`;(){}\"'") == std::string::npos, "%s", one.c_str());
    cr_expect(!one.starts_with("LD_"), "%s", one.c_str());
  }
  for (const char* one : {"PATH=/bin", "SENDER=a_b@c.test", "DOMAIN=here.test"})
    cr_expect(std::ranges::find(all, one) != all.end(), "%s", one);
}
