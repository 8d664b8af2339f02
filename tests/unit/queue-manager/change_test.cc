// What commands change: messages that wait.
#include "tests/unit/queue-manager/changes.h"

using namespace waypost;
using namespace waypost::test;

Test(change, hold_is_flushed_and_keeps_the_message_until_released) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.forget_log();
  cr_expect(test.change(id, Verb::hold) == Effect::changed);
  cr_expect_eq(test.synced(), 1);
  cr_expect(test.stands_as(id, "held"));
  test.rig.pass(10'000'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
  cr_expect(test.change(id, Verb::hold) == Effect::already);
  cr_expect(test.change(id, Verb::kick) == Effect::held);
  cr_expect(test.change(id, Verb::release) == Effect::changed);
  test.rig.pass(1);
  cr_expect_eq(test.rig.jobs.size(), 2U);
  cr_expect(test.change(id, Verb::release) == Effect::already);
}

Test(change, hold_outlives_a_kill_whatever_the_name_says) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.fail("rename", 1, EIO); // the name goes on to promise an attempt
  cr_expect(test.change(id, Verb::hold) == Effect::changed);
  test.fs.heal();
  test.rig.kill();
  test.rig.start();
  test.rig.pass(10'000'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
  cr_expect(test.stands_as(id, "held"));
}

Test(change, hold_outlives_a_power_cut_once_it_was_answered) {
  Changes test;
  const MessageId id = test.deferred_once();
  cr_expect(test.change(id, Verb::hold) == Effect::changed);
  test.rig.kill();
  test.fs.crash(Crash::keep_names);
  test.rig.start();
  test.rig.pass(10'000'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
}

Test(change, a_hold_that_cannot_be_flushed_is_an_error) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.fail("sync_data", 1, EIO);
  const auto told = test.begin(id, Verb::hold);
  test.rig.run();
  cr_assert(told->has_value());
  cr_expect(!(*told)->has_value() && (*told)->error().code == EIO);
}

Test(change, kick_is_due_now_and_a_transport_by_hand_goes_before_routes) {
  Changes test;
  const MessageId id = test.deferred_once();
  cr_expect(test.change(id, Verb::kick) == Effect::changed);
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_eq(test.rig.jobs[1].attempt, 2U);
  cr_expect(test.change(id, Verb::kick, "relay") == Effect::changed);
  test.rig.pass(1);
  cr_expect_str_eq(test.rig.queries.back().hand.c_str(), "relay");
  cr_expect(test.change(id, Verb::kick, "") == Effect::changed);
  test.rig.pass(1);
  cr_expect_str_empty(test.rig.queries.back().hand.c_str());
}

Test(change, requeue_counts_from_one_and_lets_the_routes_choose) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.change(id, Verb::kick, "relay");
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.back().attempt, 2U);
  cr_expect(test.change(id, Verb::requeue) == Effect::changed);
  test.rig.pass(1);
  cr_expect_eq(test.rig.jobs.back().attempt, 1U);
  cr_expect_str_empty(test.rig.queries.back().hand.c_str());
  cr_expect(test.rig.queries.back().classes.empty());
}

Test(change, drop_removes_the_file_and_tells_nobody) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.forget_log();
  cr_expect(test.change(id, Verb::drop) == Effect::changed);
  cr_expect_eq(test.synced(), 1);
  cr_expect(cur_names(test.folder).empty());
  cr_expect_eq(test.rig.manager->schedule().size(), 0U);
  test.rig.pass(10'000'000);
  cr_expect(test.rig.notices.empty() && test.rig.jobs.size() == 1);
}

Test(change, drop_that_power_takes_back_is_made_again) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.fail("unlink", 1, EIO);
  cr_expect(test.change(id, Verb::drop) == Effect::changed);
  test.fs.heal();
  test.rig.kill();
  test.fs.crash(Crash::keep_names);
  test.rig.start();
  test.rig.pass(10'000'000);
  cr_expect(cur_names(test.folder).empty());
  cr_expect(test.rig.notices.empty() && test.rig.jobs.size() == 1);
}

Test(change, drop_makes_room_on_a_full_disk) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.fs.fail("write_at", 1, ENOSPC);
  cr_expect(test.change(id, Verb::drop) == Effect::changed);
  cr_expect(cur_names(test.folder).empty());
}

Test(change, bounce_fails_what_waits_and_makes_one_notice) {
  Changes test;
  const MessageId id = test.deferred_once({"x@one.test", "y@two.test", "z@two.test NEVER"});
  test.change(id, Verb::hold);
  test.rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
  cr_expect(test.change(id, Verb::bounce) == Effect::changed);
  test.rig.pass(1);
  cr_assert_eq(test.rig.notices.size(), 1U);
  cr_expect_eq(test.rig.notices[0].recipients.size(), 2U, "NOTIFY=NEVER is obeyed");
  cr_expect(test.rig.notices[0].recipients[0].outcome == queue::bounced_by_hand());
  cr_expect(cur_names(test.folder).empty());
}

Test(change, bounce_outlives_a_power_cut_before_its_notice) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.rig.kill();
  auto dirs = queue::SpoolDirs::open(test.fs, test.folder.path());
  cr_assert(dirs.has_value());
  const std::string name = cur_names(test.folder)[0];
  const queue::MessageChange bounce{Verb::bounce, {}, "uid 7"};
  cr_assert(queue::change_file(test.fs, dirs->cur(id), name, bounce, 1).has_value());
  *dirs = {};
  test.fs.crash(Crash::keep_names);
  test.rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
  test.rig.start();
  test.rig.pass(10'000'000);
  cr_assert_eq(test.rig.notices.size(), 1U);
  cr_expect(test.rig.notices[0].recipients[0].outcome == queue::bounced_by_hand());
  cr_expect(cur_names(test.folder).empty());
  cr_expect_eq(test.rig.jobs.size(), 2U, "the first attempt, and the notice");
}

Test(change, a_fresh_message_can_be_held_before_its_first_turn) {
  Changes test;
  test.rig.limits.turns = 0;
  const MessageId id = test.rig.accept("a@b.test", {"x@one.test"});
  test.rig.start();
  cr_expect(test.change(id, Verb::hold) == Effect::changed);
  cr_expect(test.stands_as(id, "held"));
}

Test(change, what_is_not_there_is_enoent) {
  Changes test;
  test.rig.start();
  const auto told = test.begin(*MessageId::parse("0123456789abcdef"), Verb::drop);
  cr_assert(told->has_value());
  cr_expect(!(*told)->has_value() && (*told)->error().code == ENOENT);
}
