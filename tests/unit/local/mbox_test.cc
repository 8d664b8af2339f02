#include "local/mbox.h"

#include <sys/file.h>
#include <sys/wait.h>

#include "lib/sys/text.h"
#include "tests/unit/fault_fs.h"
#include "tests/unit/local/letters.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::local;

namespace {

MboxPlace place(const std::string& path, BootMs patience = 2'000) {
  MboxPlace one;
  one.path = path;
  one.patience_ms = patience;
  return one;
}

Verdict deliver(Fs& fs, const MboxPlace& where, const std::string& message) {
  const RealClock clock;
  Post post(message);
  return deliver_to_mbox(fs, clock, where, envelope(), post.letter());
}

// How `text` stands in an mbox, cut into pieces of `size`.
std::string quoted(std::string_view text, std::size_t size) {
  MboxQuote quote;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size)
    out += quote.take(text.substr(at, size));
  return out + quote.finish();
}

} // namespace

Test(mbox, lines_that_look_like_a_beginning_get_a_mark_however_they_are_cut) {
  const std::string text = "From a\n>From b\n>>From c\nfrom d\n From e\nFro\nFrom\n>\n>>Fro\n"
                           "a From f\n>From\n\nFrom \n";
  const std::string wanted = ">From a\n>>From b\n>>>From c\nfrom d\n From e\nFro\nFrom\n>\n>>Fro\n"
                             "a From f\n>From\n\n>From \n\n";
  for (std::size_t size = 1; size <= text.size(); ++size)
    cr_expect(quoted(text, size) == wanted.c_str(), "pieces of %zu", size);
  cr_expect(quoted("", 1) == "\n");
  const std::string marks(5'000, '>');
  cr_expect_eq(quoted(marks + "\n", 7).size(), marks.size() + 3, "bounded, whatever comes");
}

Test(mbox, from_line_says_who_and_when) {
  const WallUs when = 1'795'341'600'000'000; // Sun Nov 22 10:00:00 2026
  cr_expect(from_line(*Address::parse("bob@home.test"), when) ==
            "From bob@home.test Sun Nov 22 10:00:00 2026\n");
  cr_expect(from_line(Address(), when).starts_with("From MAILER-DAEMON "));
  cr_expect(from_line(*Address::parse("\"a b\"@c.test"), when).starts_with("From \"a_b\"@c.test "));
}

Test(mbox, messages_stand_behind_each_other_and_no_lock_is_left) {
  const Folder folder;
  RealFs fs;
  for (const char* word : {"one", "two"}) {
    const Verdict verdict = deliver(fs, place(folder.at("box")),
                                    "Subject: " + std::string(word) + "\r\n\r\nFrom x\r\n");
    cr_assert_eq(verdict.exit, EX_OK, "%s", verdict.text.c_str());
  }
  const std::string text = folder.read("box");
  cr_expect(text.starts_with("From bob@home.test "));
  cr_expect(text.find("\n>From x\n\nFrom bob@home.test ") != std::string::npos, "%s", text.c_str());
  cr_expect(text.find("Subject: two") != std::string::npos && text.ends_with(">From x\n\n"));
  cr_expect_eq(folder.names().size(), 1);
}

Test(mbox, end_that_a_crash_cut_off_does_not_swallow_the_next) {
  const Folder folder;
  folder.write("box", "From x\n\nhalf a li");
  RealFs fs;
  cr_assert_eq(deliver(fs, place(folder.at("box")), "Subject: a\r\n\r\n").exit, EX_OK);
  cr_expect(folder.read("box").find("half a li\n\nFrom bob@home.test") != std::string::npos);
}

Test(mbox, every_call_may_fail_and_the_file_is_what_it_was) {
  int at = 1;
  for (bool failed = true; failed; ++at) {
    const Folder folder;
    folder.write("box", "From x\n\nold\n\n");
    FaultFs fs;
    fs.fail_call(at, ENOSPC);
    const Verdict verdict =
        deliver(fs, place(folder.at("box"), 300), "Subject: new\r\n\r\nbody\r\n");
    failed = fs.calls() >= at;
    const std::string text = folder.read("box");
    if (verdict.exit == EX_OK) {
      cr_expect(text.ends_with("body\n\n"), "call %d", at);
    } else {
      cr_expect_eq(verdict.exit, EX_TEMPFAIL, "call %d", at);
      cr_expect(text == "From x\n\nold\n\n", "call %d", at);
    }
  }
  cr_expect(at > 6, "only %d calls", at);
}

Test(mbox, what_does_not_come_whole_is_cut_off_again) {
  const Folder folder;
  RealFs fs;
  const RealClock clock;
  folder.write("box", "From x\n\nold\n\n");
  Post post("Subject: x\r\n\r\nhalf", 1000);
  const Verdict verdict =
      deliver_to_mbox(fs, clock, place(folder.at("box")), envelope(), post.letter());
  cr_expect_eq(verdict.exit, EX_TEMPFAIL);
  cr_expect(folder.read("box") == "From x\n\nold\n\n");
}

Test(mbox, links_folders_devices_and_files_of_others_are_left_alone) {
  const Folder folder;
  RealFs fs;
  folder.write("real", "");
  std::filesystem::create_symlink(folder.at("real"), folder.at("link"));
  std::filesystem::create_hard_link(folder.at("real"), folder.at("second"));
  std::filesystem::create_directory(folder.at("folder"));
  cr_assert_eq(::mkfifo(folder.at("pipe").c_str(), 0600), 0);
  for (const char* name : {"link", "second", "folder", "pipe", "none/box"}) {
    const Verdict verdict = deliver(fs, place(folder.at(name)), "Subject: x\r\n\r\n");
    cr_expect_eq(verdict.exit, EX_TEMPFAIL, "%s: %s", name, verdict.text.c_str());
  }
  cr_expect(folder.read("real") == "");
  cr_expect_eq(deliver(fs, place("/dev/null"), "Subject: x\r\n\r\n").exit, EX_OK);
}

Test(mbox, locks_of_others_are_waited_for_and_stale_ones_removed) {
  const Folder folder;
  RealFs fs;
  folder.write("box.lock", "1\n");
  Verdict verdict = deliver(fs, place(folder.at("box"), 250), "Subject: x\r\n\r\n");
  cr_expect_eq(verdict.exit, EX_TEMPFAIL);
  cr_expect(verdict.text.find("locked") != std::string::npos, "%s", verdict.text.c_str());
  const timespec old[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  cr_assert_eq(::utimensat(AT_FDCWD, folder.at("box.lock").c_str(), old, 0), 0);
  verdict = deliver(fs, place(folder.at("box")), "Subject: x\r\n\r\n");
  cr_expect_eq(verdict.exit, EX_OK, "%s", verdict.text.c_str());
  cr_expect_eq(folder.names().size(), 1, "the stale lock has gone, and ours");
}

Test(mbox, lock_by_fcntl_of_another_process_is_respected) {
  const Folder folder;
  folder.write("box", "");
  int ready[2];
  cr_assert_eq(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(folder.at("box").c_str(), O_RDWR);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    const char done = ::fcntl(file, F_SETLK, &whole) == 0 ? 'y' : 'n';
    [[maybe_unused]] const ssize_t n = ::write(ready[1], &done, 1);
    ::pause();
    ::_exit(0);
  }
  char said = 0;
  cr_assert_eq(::read(ready[0], &said, 1), 1);
  cr_expect_eq(said, 'y');
  RealFs fs;
  cr_expect_eq(deliver(fs, place(folder.at("box"), 250), "Subject: x\r\n\r\n").exit, EX_TEMPFAIL);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  cr_expect_eq(deliver(fs, place(folder.at("box")), "Subject: x\r\n\r\n").exit, EX_OK);
}

// Mail readers write a new file and rename it, or remove an empty one, under the lock.
Test(mbox, that_was_replaced_while_its_lock_was_waited_for_is_opened_anew) {
  for (const bool removed : {false, true}) {
    const Folder folder;
    folder.write("box", "");
    folder.write("new", "From x\n\nold\n\n");
    int ready[2];
    cr_assert_eq(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const int file = ::open(folder.at("box").c_str(), O_RDWR);
      struct flock whole{};
      whole.l_type = F_WRLCK;
      const char done = ::fcntl(file, F_SETLK, &whole) == 0 ? 'y' : 'n';
      [[maybe_unused]] const ssize_t n = ::write(ready[1], &done, 1);
      ::usleep(300'000);
      ::_exit(removed ? ::unlink(folder.at("box").c_str())
                      : ::rename(folder.at("new").c_str(), folder.at("box").c_str()));
    }
    char said = 0;
    cr_assert_eq(::read(ready[0], &said, 1), 1);
    cr_assert_eq(said, 'y');
    RealFs fs;
    const Verdict verdict = deliver(fs, place(folder.at("box")), "Subject: a\r\n\r\n");
    ::waitpid(child, nullptr, 0);
    cr_expect_eq(verdict.exit, EX_OK, "%s", verdict.text.c_str());
    const std::string text = folder.read("box");
    cr_expect(text.starts_with(removed ? "From bob@home.test" : "From x\n\nold\n\nFrom bob@home"));
    cr_expect(text.find("Subject: a\n") != std::string::npos);
    cr_expect(folder.read("box.lock").empty());
  }
}
