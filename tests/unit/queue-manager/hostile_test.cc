// What does not belong into a spool, and what a peer must not say.
#include <sys/stat.h>

#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

Test(hostile, names_in_new_that_are_no_messages_go_to_bad_and_mail_goes_on) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  const std::string fresh = folder.path() + "/new/";
  std::filesystem::create_symlink("/etc/passwd", fresh + "0123456789abcde0");
  cr_assert_eq(::mkfifo((fresh + "0123456789abcde1").c_str(), 0600), 0);
  std::filesystem::create_directory(fresh + "0123456789abcde2");
  folder.write("/new/0123456789abcde3", "");
  folder.write("/new/0123456789abcde4", std::string(600, 'x'));
  folder.write("/new/.hidden", "x");
  folder.write("/cur/junk", "not in a folder");
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(1'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  cr_expect(folder.names("/new").empty());
  cr_expect_eq(folder.names("/bad").size(), 12u, "six, each with its reason: %zu",
               folder.names("/bad").size());
  cr_expect_eq(rig.manager->schedule().size(), 0u);
}

Test(hostile, damage_after_a_restart_is_found_before_it_is_sent) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  rig.kill();
  const auto parsed = queue::parse_cur_name(cur_names(folder).at(0));
  const std::string path = "/cur/" + parsed->id.folder() + "/" + cur_names(folder).at(0);
  std::string bytes = folder.read(path);
  bytes[MessageHead::kSize + 3] = 'X';
  folder.write(path, bytes);
  rig.start();
  rig.pass(70'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  cr_expect(cur_names(folder).empty());
  cr_expect_eq(folder.names("/bad").size(), 2u);
}

Test(hostile, a_name_far_in_the_future_waits_no_longer_than_the_longest_wait) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  rig.kill();
  const auto parsed = queue::parse_cur_name(cur_names(folder).at(0));
  const std::string cur = folder.path() + "/cur/" + parsed->id.folder() + "/";
  std::filesystem::rename(cur + cur_names(folder).at(0), cur + parsed->id.text() + ".99999999999");
  rig.start();
  rig.pass(301'000);
  cr_expect_eq(rig.jobs.size(), 2u);
}

Test(hostile, results_that_fit_no_job_end_the_manager) {
  struct Row {
    const char* what;
    std::vector<std::uint32_t> recipients;
    bool known;
  };
  for (const Row& row : {Row{"an unknown job", {0}, false}, Row{"a stranger", {7}, true},
                         Row{"one of another job", {1}, true}}) {
    SpoolFolder folder;
    RealFs fs;
    QueueRig rig(fs, folder.path());
    rig.accept("a@b.test", {"x@one.test", "y@two.test"});
    rig.start();
    rig.deliver = [&](const Job& job, const JobRecipient&) {
      JobResult result;
      result.job = row.known ? job.job : job.job + 100;
      RecipientGroup group;
      for (const std::uint32_t n : row.recipients)
        group.recipients.add(n);
      group.outcome = delivered();
      result.transaction.groups.push_back(group);
      if (job.recipients[0].number == 0 && rig.broke.empty()) rig.manager->on_result(result);
      return deferred();
    };
    rig.run();
    cr_expect(!rig.broke.empty(), "%s", row.what);
  }
}
