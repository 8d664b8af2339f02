// A disk that fails while a message is in the queue.
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

std::string marks(const SpoolFolder& folder) {
  const auto names = cur_names(folder);
  if (names.size() != 1) return "names: " + std::to_string(names.size());
  const auto parsed = queue::parse_cur_name(names[0]);
  const std::string bytes = folder.read("/cur/" + parsed->id.folder() + "/" + names[0]);
  const MessageHead head = *decode_head(bytes);
  return bytes.substr(head.marks_offset(), head.recipients);
}

} // namespace

Test(faults, unlink_that_fails_leaves_marks_and_nothing_is_sent_again) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  fs.fail("unlink", 1, EIO);
  rig.run();
  cr_expect(marks(folder) == "D", "%s", marks(folder).c_str());
  rig.pass(15'000);
  fs.heal();
  rig.pass(20'000);
  cr_expect(cur_names(folder).empty());
  cr_expect_eq(rig.jobs.size(), 1u);
}

Test(faults, marks_that_cannot_be_written_keep_the_message_until_they_can) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [&](const Job&, const JobRecipient& one) {
    return one.number == 0 ? delivered() : deferred();
  };
  rig.accept("a@b.test", {"x@one.test", "y@one.test"});
  rig.start();
  fs.fail("write_at", 1, EIO);
  rig.run();
  rig.pass(100'000);
  cr_expect(marks(folder) == "--");
  cr_expect_eq(rig.manager->active(), 1u, "the turn remembers what the disk does not");
  cr_expect_eq(rig.jobs.size(), 1u);
  fs.heal();
  rig.pass(15'000);
  cr_expect(marks(folder) == "D-", "%s", marks(folder).c_str());
  rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
  rig.pass(200'000);
  cr_assert_eq(rig.jobs.size(), 2u);
  cr_expect_eq(rig.jobs[1].recipients.size(), 1u);
  cr_expect(cur_names(folder).empty());
}

Test(faults, a_failed_flush_of_marks_loses_nothing) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [&](const Job&, const JobRecipient& one) {
    return one.number == 0 ? delivered() : deferred();
  };
  rig.accept("a@b.test", {"x@one.test", "y@one.test"});
  rig.start();
  fs.fail("sync_data", 1, EIO);
  rig.pass(30'000);
  fs.heal();
  rig.pass(100'000);
  cr_expect(marks(folder) == "D-", "%s", marks(folder).c_str());
  cr_expect_eq(rig.jobs.back().recipients.size(), 1u);
  cr_expect_eq(rig.jobs.back().recipients[0].number, 1u);
}

Test(faults, marks_whose_flush_failed_are_flushed_again_before_the_turn_ends) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.settings.retry_s = {3600};
  rig.deliver = [&](const Job&, const JobRecipient& one) {
    return one.number == 0 ? delivered() : deferred();
  };
  rig.accept("a@b.test", {"x@one.test", "y@one.test"});
  rig.start();
  fs.fail("sync_data", 1, EIO);
  rig.pass(25'000);
  cr_expect_eq(rig.manager->active(), 1u, "the turn stays while the disk fails");
  cr_expect_eq(rig.jobs.size(), 1u);
  fs.heal();
  rig.pass(15'000);
  cr_expect_eq(rig.manager->active(), 0u);
  rig.kill();
  fs.crash(Crash::keep_names);
  cr_expect(marks(folder) == "D-", "%s", marks(folder).c_str());
  rig.start();
  rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
  rig.pass(3'700'000);
  cr_expect(cur_names(folder).empty());
  cr_assert_eq(rig.jobs.size(), 2u);
  cr_expect_eq(rig.jobs[1].recipients[0].number, 1u, "x is not delivered twice");
}

Test(faults, a_full_disk_for_the_history_still_settles_and_reports_in_general_words) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [&](const Job& job, const JobRecipient&) {
    if (job.sender.sender.null()) return delivered();
    fs.forget_log();
    fs.fail("write_at", 1, ENOSPC);
    return refused();
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(5'000);
  cr_expect(rig.notices.empty(), "no room for a notice either");
  fs.heal();
  rig.pass(120'000);
  cr_assert_eq(rig.notices.size(), 1u);
  cr_expect(!rig.notices[0].recipients[0].outcome.reply.empty());
  cr_expect_eq(rig.jobs.size(), 2u, "refused once, one notice");
  cr_expect(cur_names(folder).empty());
}

Test(faults, a_notice_that_cannot_be_rendered_is_made_later) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [&](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : refused();
  };
  const auto good = rig.bounce;
  rig.bounce = [](const NoticeRequest&) -> Result<std::string> { return fail("no memory"); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(10'000);
  cr_expect(marks(folder) == "F");
  rig.bounce = good;
  rig.pass(120'000);
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
  cr_expect_eq(rig.jobs.size(), 2u);
  const std::string name = rig.notices[0].name;
  for (const NoticeRequest& one : rig.notices)
    cr_expect(one.name == name, "always the same name");
}

Test(faults, a_notice_whose_sync_failed_is_made_again_once) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [&](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : refused();
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  fs.forget_log();
  fs.fail("sync", 1, EIO);
  rig.pass(3'000);
  cr_expect(marks(folder) == "F", "%s", marks(folder).c_str());
  fs.heal();
  rig.pass(120'000);
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
  cr_expect_eq(rig.jobs.size(), 2u);
}

Test(faults, power_cut_after_a_notice_reports_each_recipient_once) {
  SpoolFolder folder;
  for (const Crash how : {Crash::forget, Crash::keep_names}) {
    FaultFs fs;
    QueueRig rig(fs, folder.path());
    rig.deliver = [&](const Job& job, const JobRecipient& one) {
      if (job.sender.sender.null()) return deferred();
      return one.number == 0 ? refused() : deferred();
    };
    rig.accept("a@b.test", {"x@one.test", "y@two.test"});
    rig.start();
    rig.run();
    cr_assert_eq(rig.notices.size(), 1u);
    rig.kill();
    fs.crash(how);
    rig.start();
    rig.pass(400'000);
    cr_expect_eq(rig.notices.size(), 1u, "once, whatever the disk kept");
    rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
    rig.pass(400'000);
    cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
    cr_expect(folder.names("/bad").empty());
  }
}

Test(faults, names_that_cannot_be_adopted_are_looked_at_again_all_at_once) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.start();
  for (int i = 0; i < 5; ++i)
    rig.accept("a@b.test", {"x@one.test"});
  fs.fail("rename", 1, ENOSPC);
  for (const std::string& name : folder.names("/new"))
    rig.manager->on_name(name);
  rig.pass(200'000);
  fs.forget_log();
  rig.pass(100'000);
  const auto tries = std::ranges::count_if(
      fs.log(), [](const std::string& call) { return call.starts_with("rename"); });
  cr_expect(tries >= 5 && tries <= 5 * 11, "%td tries of 5 names in 100 s", tries);
  fs.heal();
  rig.pass(15'000);
  cr_expect_eq(rig.jobs.size(), 5u, "within seconds");
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
}

Test(faults, a_folder_that_cannot_be_listed_is_looked_at_until_it_can) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.start();
  const MessageId id = rig.accept("a@b.test", {"x@one.test"});
  fs.fail("rename", 1, EIO);
  rig.name_seen(id);
  fs.fail("list", 1, EIO);
  rig.pass(30'000);
  fs.heal();
  rig.pass(15'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
}
