// One message's way through the queue, as the manager drives it.
#include "tests/unit/queue-manager/queue_rig.h"

#include <set>

using namespace waypost;
using namespace waypost::test;

namespace {

int count(const std::vector<std::string>& log, const std::string& call) {
  return static_cast<int>(std::ranges::count_if(
      log, [&](const std::string& one) { return one == call || one.starts_with(call + " "); }));
}

} // namespace

Test(turn, full_delivery_removes_the_file_without_a_flush) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  const MessageId id = rig.accept("a@b.test", {"x@one.test", "y@two.test"});
  rig.start();
  rig.run();
  cr_expect_eq(rig.jobs.size(), 2u);
  cr_expect(cur_names(folder).empty());
  cr_expect(folder.names("/new").empty());
  cr_expect_eq(rig.manager->schedule().size(), 0u);
  cr_expect_str_empty(rig.broke.c_str());
}

Test(turn, single_delivery_writes_and_flushes_nothing) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.start();
  const MessageId id = rig.accept("a@b.test", {"x@one.test"});
  fs.forget_log();
  rig.name_seen(id);
  for (const char* call : {"sync", "sync_data", "write", "write_at", "truncate"})
    cr_expect_eq(count(fs.log(), call), 0, "%s", call);
  cr_expect(cur_names(folder).empty());
}

Test(turn, removals_in_batch_are_flushed_a_second_later_a_folder_once) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.settings.remove_sync_batch = true;
  rig.start();
  std::vector<MessageId> ids;
  std::set<std::string> folders;
  for (int i = 0; i < 40; ++i) {
    ids.push_back(rig.accept("a@b.test", {"x@one.test"}));
    folders.insert(ids.back().folder());
  }
  fs.forget_log();
  for (const MessageId& id : ids)
    rig.name_seen(id);
  cr_assert(cur_names(folder).empty());
  cr_expect_eq(count(fs.log(), "sync"), 0, "not while mail goes out");
  rig.pass(1'000);
  cr_expect_eq(count(fs.log(), "sync"), static_cast<int>(folders.size()));
  fs.forget_log();
  rig.pass(10'000);
  cr_expect_eq(count(fs.log(), "sync"), 0, "nothing went since");
}

Test(turn, recipients_of_one_smarthost_share_a_job_and_long_lists_are_split) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.route = [](const RouteQuery&) {
    RouteAnswer answer;
    answer.transport = "relay";
    answer.type = "smtp";
    answer.destination = "relay.test:25";
    answer.rule = "waypost.toml:3";
    answer.recipients = 2;
    return answer;
  };
  rig.accept("a@b.test", {"x@one.test", "y@two.test", "z@one.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 2u);
  cr_expect_eq(rig.queries.size(), 2u, "one question a domain");
  cr_expect_eq(rig.jobs[0].recipients.size(), 2u);
  cr_expect_eq(rig.jobs[1].recipients.size(), 1u);
}

Test(turn, deferred_waits_as_retry_says_and_counts_attempts) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  fs.forget_log();
  rig.run();
  cr_expect_eq(count(fs.log(), "sync_data") + count(fs.log(), "sync"), 0,
               "deferring flushes nothing");
  rig.pass(59'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  rig.pass(2'000);
  cr_assert_eq(rig.jobs.size(), 2u);
  cr_expect_eq(rig.jobs[1].attempt, 2u);
  cr_expect(rig.queries[1].classes.has(FailureClass::unreachable));
  rig.pass(121'000);
  cr_assert_eq(rig.jobs.size(), 3u);
  rig.pass(301'000);
  rig.pass(301'000);
  cr_expect_eq(rig.jobs.size(), 5u, "the last wait repeats");
  cr_expect_eq(rig.jobs[4].attempt, 5u);
}

Test(turn, restart_keeps_attempts_and_due_time) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(61'000);
  cr_assert_eq(rig.jobs.size(), 2u);
  rig.kill();
  rig.start();
  rig.pass(100'000);
  cr_expect_eq(rig.jobs.size(), 2u, "not due yet");
  rig.pass(30'000);
  cr_assert_eq(rig.jobs.size(), 3u);
  cr_expect_eq(rig.jobs[2].attempt, 3u);
}

Test(turn, expires_by_age_after_a_failed_attempt_with_a_notice) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.settings.expire_after_s = 170;
  rig.deliver = [](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : deferred();
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(200'000);
  cr_assert_eq(rig.notices.size(), 1u);
  const NoticeRecipient& one = rig.notices[0].recipients.at(0);
  cr_expect(one.outcome.status.text() == "4.4.7");
  cr_expect(one.outcome.reply.find("not now") != std::string::npos);
  cr_expect(rig.jobs.back().recipients[0].recipient.address.text() == "a@b.test");
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
}

Test(turn, failures_of_one_pass_are_one_notice_and_never_and_null_get_none) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : refused();
  };
  rig.accept("a@b.test", {"x@one.test", "y@two.test", "z@two.test NEVER", "w@two.test SUCCESS"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.notices.size(), 1u);
  cr_expect_eq(rig.notices[0].recipients.size(), 2u);
  cr_expect(rig.notices[0].to == "a@b.test");
  cr_expect(cur_names(folder).empty());
  rig.notices.clear();
  rig.deliver = [](const Job&, const JobRecipient&) { return refused(); };
  rig.accept("", {"x@one.test"});
  cr_assert(rig.manager->scan_new().has_value());
  rig.run();
  cr_expect(rig.notices.empty(), "other mail with a null sender is told to nobody");
  cr_expect(cur_names(folder).empty());
}

Test(turn, a_notice_that_fails_goes_once_to_the_postmaster) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return refused(); };
  const MessageId id = rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.notices.size(), 2u);
  cr_expect(rig.notices[1].id == id.text() + ".b1");
  cr_expect(rig.notices[1].name == id.text() + ".b1.b1");
  cr_expect(rig.notices[1].to == "postmaster@mx.test");
  cr_expect_eq(rig.jobs.size(), 3u);
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty(), "and is dropped then");
}

Test(turn, delay_notice_once_by_age) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.settings.delay_notice_after_s = 100;
  rig.deliver = [](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : deferred();
  };
  rig.accept("a@b.test", {"x@one.test", "y@one.test FAILURE"});
  rig.start();
  rig.pass(100'000);
  cr_expect(rig.notices.empty());
  rig.pass(2'000'000);
  cr_assert_eq(rig.notices.size(), 1u);
  cr_expect(rig.notices[0].kind == NoticeKind::delay);
  cr_assert_eq(rig.notices[0].recipients.size(), 1u);
  cr_expect_eq(cur_names(folder).size(), 1u, "the message itself still waits");
}

Test(turn, too_many_hops_fail_at_the_first_turn) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.accept("a@b.test", {"x@one.test"}, 51);
  rig.start();
  rig.run();
  cr_assert_eq(rig.notices.size(), 1u);
  cr_expect(rig.notices[0].recipients[0].outcome.status.text() == "5.4.6");
  cr_assert_eq(rig.jobs.size(), 1u);
  cr_expect(rig.jobs[0].recipients[0].recipient.address.text() == "a@b.test");
}

Test(turn, a_route_that_says_wait_is_no_attempt_and_never_direct) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  const auto direct = rig.route;
  rig.route = [](const RouteQuery&) {
    RouteAnswer answer;
    answer.generation = 1;
    answer.wait = "no snapshot";
    return answer;
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.pass(30'000);
  cr_expect(rig.jobs.empty());
  cr_expect(rig.queries.size() >= 4 && rig.queries.size() <= 6, "%zu queries", rig.queries.size());
  rig.route = direct;
  rig.pass(61'000);
  cr_assert_eq(rig.jobs.size(), 1u);
  cr_expect_eq(rig.jobs[0].attempt, 1u);
}

Test(turn, waiting_recipients_do_not_hurry_the_deferred_ones) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  const auto direct = rig.route;
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer = direct(query);
    if (query.to == "held.test") answer.wait = "transport is gone";
    return answer;
  };
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@held.test", "y@one.test"});
  rig.start();
  rig.pass(50'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  rig.pass(15'000);
  cr_expect_eq(rig.jobs.size(), 2u);
}

Test(turn, type_fail_fails_without_deliver) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  const auto direct = rig.route;
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer = direct(query);
    if (query.to != "no.test") return answer;
    answer.type = "fail";
    answer.code = 550;
    answer.text = "5.7.1 not from here";
    return answer;
  };
  rig.accept("a@b.test", {"x@no.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.notices.size(), 1u);
  cr_expect_eq(rig.notices[0].recipients[0].outcome.code, 550);
  cr_expect_eq(rig.jobs.size(), 1u, "the notice alone");
}

Test(turn, a_jump_of_the_wall_clock_neither_hurries_nor_bounces) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  rig.clock.wall += 40LL * 86'400 * 1'000'000;
  rig.pass(50'000);
  cr_expect_eq(rig.jobs.size(), 1u);
  rig.pass(15'000);
  cr_expect_eq(rig.jobs.size(), 2u);
  cr_expect(rig.notices.empty());
}

// The clock is set, and then messages come: each is as old as it is, whatever the clock says.
Test(turn, a_message_that_comes_after_the_clock_was_set_expires_in_its_time) {
  for (const std::int64_t days : {-400, -2, 2, 400, 20'000}) {
    SpoolFolder folder;
    FaultFs fs;
    QueueRig rig(fs, folder.path());
    rig.settings.retry_s = {60};
    rig.settings.expire_after_s = 100;
    rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
    rig.start();
    rig.run();
    rig.clock.wall += days * 86'400 * 1'000'000;
    rig.name_seen(rig.accept("a@b.test", {"x@one.test"}));
    rig.pass(90'000);
    cr_expect(rig.notices.empty(), "%ld days: gone back too early", days);
    cr_expect_eq(rig.jobs.size(), 2u, "%ld days", days);
    rig.pass(60'000);
    cr_expect_eq(rig.notices.size(), 1u, "%ld days: it never expires", days);
  }
}

Test(turn, messages_for_a_slow_destination_leave_room_for_others) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.limits.turns = 200;
  rig.settings.retry_s = {3600};
  rig.silent = "slow.test";
  for (int i = 0; i < 300; ++i)
    rig.accept("a@b.test", {"x@slow.test"});
  rig.start();
  rig.run();
  const MessageId id = rig.accept("a@b.test", {"x@quick.test"});
  rig.name_seen(id);
  rig.pass(30'000);
  const bool arrived = std::ranges::any_of(
      rig.jobs, [&](const Job& job) { return job.destination == "quick.test"; });
  cr_expect(arrived, "after %zu jobs", rig.jobs.size());
}
