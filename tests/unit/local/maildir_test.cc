#include "local/maildir.h"

#include "tests/unit/fault_fs.h"
#include "tests/unit/local/letters.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::local;

Test(maildir, message_stands_in_new_with_its_trace_and_unix_lines) {
  const Folder folder;
  FaultFs fs;
  const RealClock clock;
  Post post("Subject: x\r\n\r\none\r\n.\r\n");
  const Verdict verdict =
      deliver_to_maildir(fs, clock, folder.at("Maildir"), envelope(), post.letter());
  cr_assert_eq(verdict.exit, EX_OK, "%s", verdict.text.c_str());
  const auto names = folder.names("Maildir/new");
  cr_assert_eq(names.size(), 1);
  cr_expect(folder.read("Maildir/new/" + names[0]) ==
            "Return-Path: <bob@home.test>\nDelivered-To: alice+x@here.test\n"
            "Subject: x\n\none\n.\n");
  cr_expect(folder.names("Maildir/tmp").empty());
  cr_expect(names[0].find_first_of("/:") == std::string::npos);
  struct stat status{};
  cr_assert_eq(::stat(folder.at("Maildir").c_str(), &status), 0);
  cr_expect_eq(status.st_mode & 0777, 0700);
}

Test(maildir, names_never_meet) {
  const Folder folder;
  RealFs fs;
  const RealClock clock;
  for (int i = 0; i < 20; ++i) {
    Post post("Subject: x\r\n\r\n");
    const Verdict verdict =
        deliver_to_maildir(fs, clock, folder.at("m"), envelope(), post.letter());
    cr_assert_eq(verdict.exit, EX_OK);
  }
  cr_expect_eq(folder.names("m/new").size(), 20);
}

Test(maildir, message_that_does_not_come_whole_leaves_nothing) {
  const Folder folder;
  RealFs fs;
  const RealClock clock;
  Post post("Subject: x\r\n\r\nhalf", 1000);
  const Verdict verdict = deliver_to_maildir(fs, clock, folder.at("m"), envelope(), post.letter());
  cr_expect_eq(verdict.exit, EX_TEMPFAIL);
  cr_expect(folder.names("m/new").empty() && folder.names("m/tmp").empty());
}

Test(maildir, every_call_may_fail_and_what_is_said_to_be_delivered_survives_a_power_cut) {
  int at = 1;
  for (bool failed = true; failed; ++at) {
    const Folder folder;
    FaultFs fs;
    const RealClock clock;
    fs.fail_call(at, ENOSPC);
    Post post("Subject: x\r\n\r\none\r\n");
    const Verdict verdict =
        deliver_to_maildir(fs, clock, folder.at("m"), envelope(), post.letter());
    failed = fs.calls() >= at;
    if (verdict.exit != EX_OK) {
      cr_expect_eq(verdict.exit, EX_TEMPFAIL, "call %d", at);
      continue;
    }
    fs.crash(Crash::forget);
    cr_expect_eq(folder.names("m/new").size(), 1, "call %d", at);
    const std::string text = folder.read("m/new/" + folder.names("m/new")[0]);
    cr_expect(text.ends_with("one\n"), "call %d: %s", at, text.c_str());
  }
  cr_expect(at > 10, "only %d calls", at);
}
