// What commands change: messages that are under way.
#include "tests/unit/queue-manager/changes.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// A job to one.test that has not come back.
MessageId in_flight(Changes& test, const std::vector<std::string>& recipients) {
  test.rig.silent = "one.test";
  const MessageId id = test.rig.accept("a@b.test", recipients);
  test.rig.start();
  test.rig.run();
  return id;
}

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

Test(change_under_way, hold_under_way_waits_for_the_job_and_starts_no_other) {
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

Test(change_under_way, release_under_way_begins_again_at_once) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  test.change(id, Verb::hold);
  cr_expect(test.change(id, Verb::release) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_expect_eq(test.rig.jobs.size(), 2U);
}

Test(change_under_way, drop_under_way_keeps_the_file_until_the_job_is_back) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::drop) == Effect::changed);
  cr_expect_eq(cur_names(test.folder).size(), 1U);
  cr_expect(test.change(id, Verb::hold) == Effect::already);
  come_back(test.rig, refused());
  cr_expect(cur_names(test.folder).empty());
  cr_expect(test.rig.notices.empty(), "nobody is told");
}

// Its sender was leaving: nothing else is under way that would end the turn.
Test(change_under_way, a_decision_counts_for_a_job_that_is_given_back_untried) {
  const struct {
    Verb verb;
    bool stays;
    std::size_t notices;
  } rows[] = {{Verb::hold, true, 0}, {Verb::drop, false, 0}, {Verb::bounce, false, 1}};
  for (const auto& row : rows) {
    Changes test;
    const MessageId id = in_flight(test, {"x@one.test"});
    test.change(id, row.verb);
    test.rig.manager->on_untried(test.rig.jobs[0].job, queue::Manager::Untried::sender_left);
    test.rig.pass(1'000);
    const std::string verb(queue::name(row.verb));
    cr_expect_eq(test.rig.notices.size(), row.notices, "%s", verb.c_str());
    cr_expect_eq(test.rig.jobs.size(), 1U + row.notices, "%s", verb.c_str());
    cr_expect_eq(cur_names(test.folder).size(), row.stays ? 1U : 0U, "%s", verb.c_str());
    if (row.stays) cr_expect(test.stands_as(id, "held"), "%s", verb.c_str());
  }
}

// The routes are asked, and answer when the command has been: what an alias became would go out.
Test(change_under_way, a_decision_counts_before_an_alias_is_expanded) {
  for (const Verb verb : {Verb::hold, Verb::drop, Verb::bounce}) {
    Changes test;
    test.rig.route = [route = test.rig.route](const RouteQuery& query) {
      RouteAnswer answer = route(query);
      if (query.to == "here.test") answer.members = {"one@x.test", "two@y.test"};
      return answer;
    };
    const MessageId id = test.rig.accept("a@b.test", {"team@here.test"});
    std::optional<Result<Changed>> told;
    test.rig.asked = [&] {
      if (test.rig.queries.size() > 1) return; // of the notice
      test.rig.manager->change(id, {verb, {}, "uid 7"},
                               [&](const Result<Changed>& done) { told = done; });
    };
    test.rig.start();
    test.rig.pass(1'000);
    const std::string name(queue::name(verb));
    cr_assert(told && *told && (*told)->effect == Effect::changed, "%s", name.c_str());
    const std::size_t notices = verb == Verb::bounce ? 1 : 0;
    cr_expect_eq(test.rig.notices.size(), notices, "%s", name.c_str());
    cr_expect_eq(test.rig.jobs.size(), notices, "%s", name.c_str());
    cr_expect_eq(cur_names(test.folder).size(), verb == Verb::hold ? 1U : 0U, "%s", name.c_str());
  }
}

Test(change_under_way, drop_under_way_and_killed_is_gone_at_the_next_start) {
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

Test(change_under_way, what_waits_for_a_place_is_taken_back) {
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

Test(change_under_way, bounce_under_way_fails_the_rest_and_what_comes_back_undelivered) {
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

Test(change_under_way, a_transport_by_hand_under_way_counts_from_the_next_turn_which_is_now) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::kick, "relay") == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_str_eq(test.rig.queries.back().hand.c_str(), "relay");
}

Test(change_under_way, a_plain_kick_under_way_changes_nothing) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::kick) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(50'000);
  cr_expect_eq(test.rig.jobs.size(), 1U);
}

Test(change_under_way, requeue_under_way_does_not_count_the_attempt_that_comes_back) {
  Changes test;
  const MessageId id = in_flight(test, {"x@one.test"});
  cr_expect(test.change(id, Verb::requeue) == Effect::changed);
  come_back(test.rig, deferred());
  test.rig.pass(1);
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_eq(test.rig.jobs[1].attempt, 1U);
}

Test(change_under_way, a_decision_during_the_verification_is_taken_when_it_is_done) {
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
