// What commands change: messages that wait, and messages that are under way.
#include "tests/unit/queue-manager/queue_rig.h"

#include "queue/spool/message_change.h"

using namespace waypost;
using namespace waypost::test;
using queue::Changed;
using queue::Effect;
using queue::MessageChange;
using queue::Verb;

namespace {

struct Changes {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};

  // What the command was told; none: nothing yet.
  std::shared_ptr<std::optional<Result<Changed>>> begin(const MessageId& id, Verb verb,
                                                        std::optional<std::string> hand = {}) {
    auto told = std::make_shared<std::optional<Result<Changed>>>();
    rig.manager->change(id, {verb, std::move(hand), "uid 7"},
                        [told](const Result<Changed>& done) { *told = done; });
    return told;
  }
  Effect change(const MessageId& id, Verb verb, std::optional<std::string> hand = {}) {
    const auto told = begin(id, verb, std::move(hand));
    rig.run();
    cr_assert(told->has_value() && (*told)->has_value(), "%s",
              std::string(queue::name(verb)).c_str());
    return (**told)->effect;
  }
  // A message that was tried once and waits.
  MessageId deferred_once(const std::vector<std::string>& recipients = {"x@one.test"}) {
    rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
    const MessageId id = rig.accept("a@b.test", recipients);
    rig.start();
    rig.run();
    cr_assert_eq(cur_names(folder).size(), 1U);
    return id;
  }
  bool stands_as(const MessageId& id, const std::string& next) const {
    return cur_names(folder) == std::vector{id.text() + "." + next};
  }
  int synced() const {
    return static_cast<int>(std::ranges::count_if(
        fs.log(), [](const std::string& call) { return call.starts_with("sync_data"); }));
  }
};

// Gives the result of the last job that was sent to a silent destination.
void come_back(QueueRig& rig, const Outcome& outcome) {
  const Job& job = rig.jobs.back();
  JobResult result;
  result.job = job.job;
  result.end = true;
  for (const JobRecipient& one : job.recipients) {
    RecipientGroup group;
    group.recipients.add(one.number);
    group.outcome = outcome;
    result.transaction.groups.push_back(std::move(group));
  }
  rig.manager->on_result(result);
  rig.run();
}

} // namespace

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
  const MessageChange bounce{Verb::bounce, {}, "uid 7"};
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

// ---- under way

namespace {

// A job to one.test that has not come back.
MessageId in_flight(Changes& test, const std::vector<std::string>& recipients) {
  test.rig.silent = "one.test";
  const MessageId id = test.rig.accept("a@b.test", recipients);
  test.rig.start();
  test.rig.run();
  return id;
}

} // namespace

Test(change, hold_under_way_waits_for_the_job_and_starts_no_other) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::hold) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(10'000'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
  cr_expect(test.stands_as(id, "held"));
  cr_expect(test.change(id, Verb::release) == Effect::changed);
  test.rig.pass(1);
  cr_expect_eq(test.rig.jobs.size(), 2U);
  cr_expect_eq(test.rig.jobs[1].attempt, 2U);
}

Test(change, release_under_way_begins_again_at_once) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  test.change(id, Verb::hold);
  cr_expect(test.change(id, Verb::release) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_expect_eq(test.rig.jobs.size(), 2U);
}

Test(change, drop_under_way_keeps_the_file_until_the_job_is_back) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::drop) == Effect::changed);
  cr_expect_eq(cur_names(test.folder).size(), 1U);
  cr_expect(test.change(id, Verb::hold) == Effect::already);
  come_back(test.rig, refused());
  cr_expect(cur_names(test.folder).empty());
  cr_expect(test.rig.notices.empty(), "nobody is told");
}

Test(change, drop_under_way_and_killed_is_gone_at_the_next_start) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  test.change(id, Verb::drop);
  test.rig.kill();
  test.fs.crash(Crash::keep_names);
  test.rig.start();
  test.rig.pass(10'000'000);
  cr_expect(cur_names(test.folder).empty());
  cr_expect_eq(test.rig.jobs.size(), 1U);
}

Test(change, what_waits_for_a_place_is_taken_back) {
  Changes test;
  test.rig.limits.jobs = 2; // one for unproven destinations
  const MessageId id = in_flight(test, {"x@one.test", "y@two.test"});
  cr_assert_eq(test.rig.jobs.size(), 1U, "the second waits for a place");
  test.change(id, Verb::hold);
  come_back(test.rig, delivered());
  test.rig.pass(10'000'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
  cr_expect(test.stands_as(id, "held"));
  test.change(id, Verb::release);
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_str_eq(test.rig.jobs[1].destination.c_str(), "two.test");
  cr_expect(cur_names(test.folder).empty());
}

Test(change, bounce_under_way_fails_the_rest_and_what_comes_back_undelivered) {
  const struct {
    const char* name;
    Outcome back;
    std::size_t told;
  } rows[] = {{"delivered", delivered(), 1},
              {"deferred", deferred(), 2},
              {"blocked", refused(FailureClass::blocked), 2}};
  for (const auto& row : rows) {
    Changes test;
    test.rig.limits.jobs = 2;
    const MessageId id = in_flight(test, {"x@one.test", "y@two.test"});
    cr_expect(test.change(id, Verb::bounce) == Effect::changed, "%s", row.name);
    test.rig.deliver = [](const Job&, const JobRecipient&) { return delivered(); };
    come_back(test.rig, row.back);
    test.rig.silent.clear();
    test.rig.pass(1);
    cr_assert_eq(test.rig.notices.size(), 1U, "%s", row.name);
    cr_expect_eq(test.rig.notices[0].recipients.size(), row.told, "%s", row.name);
    cr_expect(cur_names(test.folder).empty(), "%s", row.name);
  }
}

Test(change, a_transport_by_hand_under_way_counts_from_the_next_turn_which_is_now) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::kick, "relay") == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_str_eq(test.rig.queries.back().hand.c_str(), "relay");
}

Test(change, a_plain_kick_under_way_changes_nothing) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::kick) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(50'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
}

Test(change, requeue_under_way_does_not_count_the_attempt_that_comes_back) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::requeue) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_eq(test.rig.jobs[1].attempt, 1U);
}

Test(change, a_decision_during_the_verification_is_taken_when_it_is_done) {
  Changes test;
  const MessageId id = test.deferred_once();
  test.rig.kill();
  test.rig.start();
  const auto kicked = test.begin(id, Verb::kick);
  const auto held = test.begin(id, Verb::hold); // its turn has begun, and looks up the account
  test.rig.run();
  cr_assert(kicked->has_value() && held->has_value());
  test.rig.pass(10'000'000);
  cr_expect(test.stands_as(id, "held"));
}

Test(change, what_is_not_there_is_enoent) {
  Changes test;
  test.rig.start();
  const auto told = test.begin(*MessageId::parse("0123456789abcdef"), Verb::drop);
  cr_assert(told->has_value());
  cr_expect(!(*told)->has_value() && (*told)->error().code == ENOENT);
}
