// waypost-deliver: which sender gets which job, and how many senders live.

#include "lib/mail/login.h"
#include "tests/unit/deliver/spawner_world.h"

using namespace waypost;
using namespace waypost::test;

Test(spawner, passes_a_job_to_a_new_sender_and_its_result_back) {
  World world;
  world.give(1, "a.test");
  cr_expect_eq(world.manager.count("taken"), 1);
  cr_expect_eq(world.sender("a.test").count("job"), 1);
  world.finish("a.test", 1);
  const std::string got = world.last_result();
  cr_expect(got == "0:delivered", "%s", got.c_str());
  world.give(2, "a.test");
  cr_expect_eq(world.starts, 1, "the living sender gets it");
  cr_expect_eq(world.sender("a.test").count("job"), 2);
}

Test(spawner, another_generation_is_stale) {
  World world;
  world.give(1, "a.test", "direct", 6);
  cr_expect_eq(world.manager.count("stale"), 1);
  cr_expect_eq(world.starts, 0);
}

Test(spawner, says_what_it_cannot_do) {
  World world;
  world.give(1, "a.test", "nowhere");
  const Result<JobResult> result = job_result(world.manager.records.back());
  cr_assert(result.has_value());
  const Outcome& outcome = result->transaction.groups[0].outcome;
  cr_expect_eq(outcome.disposition, Disposition::deferred);
  cr_expect_eq(outcome.klass, FailureClass::other);
  cr_expect(outcome.reply == "no transport nowhere", "%s", outcome.reply.c_str());
}

Test(spawner, a_dead_sender_gives_its_jobs_back_and_the_rest_go_to_another) {
  World world(200, 1);
  for (std::uint64_t i = 1; i <= 14; ++i)
    world.give(i, "a.test");
  cr_expect_eq(world.sender("a.test").count("job"), 11, "three for a connection, eight ahead");
  world.sender("a.test").channel.reset();
  world.turn();
  cr_expect_eq(world.manager.count("result"), 11);
  cr_expect_eq(world.starts, 2);
  cr_expect_eq(world.sender("a.test").count("job"), 3);
  for (const Record& one : world.manager.records) {
    if (one.get("type") != "result") continue;
    cr_expect_eq(one.get("outcome"), "deferred");
    cr_expect(one.get("reply").find("may have been delivered") != std::string_view::npos);
  }
}

Test(spawner, what_a_leaving_sender_was_given_is_untried_and_goes_to_another) {
  World world;
  world.give(1, "a.test");
  world.finish("a.test", 1);
  world.give(2, "a.test"); // before it is heard that it leaves
  world.say("a.test", "leaving");
  cr_expect(world.sender("a.test").closed);
  cr_expect_eq(world.manager.count("result"), 1, "nothing is deferred");
  cr_assert_eq(world.manager.count("untried"), 1);
  cr_expect_eq(world.manager.records.back().number("job").value_or(0), 2);
  world.give(3, "a.test");
  cr_expect_eq(world.starts, 2);
  cr_expect_eq(world.sender("a.test").count("job"), 1);
}

Test(spawner, a_sender_that_leaves_with_nothing_in_hand_is_followed_by_another) {
  World world(2, 1);
  world.give(1, "a.test");
  world.finish("a.test", 1);
  world.say("a.test", "leaving");
  cr_expect(world.sender("a.test").closed);
  cr_expect_eq(world.manager.count("untried"), 0);
  world.give(2, "a.test");
  cr_expect_eq(world.starts, 2);
}

// Else a job could go around for ever.
Test(spawner, a_sender_that_leaves_before_it_has_ended_a_job_is_a_dead_one) {
  World world;
  world.give(1, "a.test");
  world.say("a.test", "leaving");
  cr_expect_eq(world.manager.count("untried"), 0);
  const std::string got = world.last_result();
  cr_expect(got == "0:deferred:other", "%s", got.c_str());
}

Test(spawner, a_sender_that_lies_is_cut_off) {
  struct Row {
    const char* what;
    std::uint64_t job;
    std::uint32_t recipient;
  };
  for (const Row& row :
       {Row{"a job that it does not have", 2, 0}, Row{"a recipient it has not", 1, 1}}) {
    World world;
    world.give(1, "a.test");
    world.give(2, "b.test");
    world.finish("a.test", row.job, Disposition::delivered, row.recipient);
    cr_expect_eq(world.manager.count("result"), 1, "%s", row.what);
    const std::string got = world.last_result();
    cr_expect(got == "0:deferred:other", "%s: %s", row.what, got.c_str());
    cr_expect(world.sender("a.test").closed, "%s", row.what);
    cr_expect(!world.sender("b.test").closed, "%s", row.what);
  }
}

Test(spawner, only_idle_senders_make_room) {
  World world(2);
  world.give(1, "a.test"); // the one place for unproven destinations
  world.give(2, "b.test");
  cr_expect_eq(world.starts, 1);
  world.finish("a.test", 1, Disposition::deferred);
  cr_expect_eq(world.starts, 2, "a.test was idle");
  cr_expect(world.sender("a.test").closed);
  cr_expect_eq(world.sender("b.test").count("job"), 1);
}

Test(spawner, a_proven_destination_finds_a_place_among_dead_ones) {
  World world(2);
  world.give(1, "good.test");
  world.finish("good.test", 1);
  world.give(2, "dead.test"); // takes the place among the unproven
  world.give(3, "worse.test");
  cr_expect_eq(world.starts, 2);
  world.give(4, "good.test");
  cr_expect_eq(world.sender("good.test").count("job"), 2, "the other half is kept for it");
  cr_expect(!world.sender("dead.test").closed);
}

Test(spawner, a_sender_that_delivers_leaves_its_place_to_one_that_waits) {
  World world(2);
  world.give(1, "a.test"); // the one place for unproven destinations
  world.give(2, "b.test");
  cr_expect_eq(world.starts, 1);
  world.finish("a.test", 1);
  cr_expect_eq(world.starts, 2, "b.test has the place");
  cr_expect(!world.sender("a.test").closed, "and a.test's sender keeps its connections");
}

Test(spawner, a_reload_retires_senders_when_they_are_done) {
  World world;
  world.give(1, "a.test");
  world.give(2, "idle.test");
  world.finish("idle.test", 2);
  world.manager.channel->send(Record().add("type", "reload"));
  world.turn();
  cr_expect(world.sender("idle.test").closed);
  cr_expect(!world.sender("a.test").closed);
  std::unique_ptr<End> old = std::move(world.started["a.test"]);
  world.give(3, "a.test");
  cr_expect_eq(world.sender("a.test").count("job"), 1, "a new one, with the new configuration");
  world.started["a.test"].swap(old);
  world.finish("a.test", 1);
  cr_expect(world.sender("a.test").closed);
  const std::string got = world.last_result();
  cr_expect(got == "0:delivered", "%s", got.c_str());
}

Test(spawner, jobs_that_wait_are_stale_after_a_reload) {
  World world(2);
  world.give(1, "a.test");
  world.give(2, "b.test");
  world.manager.channel->send(Record().add("type", "reload"));
  world.turn();
  cr_expect_eq(world.manager.count("stale"), 1);
}

Test(spawner, a_sender_that_logs_in_gets_a_line_to_the_oracle_with_its_scope) {
  World world;
  bool beside = false;
  world.oracle.each = [&](const Frame& frame) { beside = frame.descriptor.valid(); };
  world.give(1, "smtp.example:587", "ses");
  cr_assert_eq(world.oracle.count("scope"), 1);
  cr_expect(beside, "one end of the line");
  const auto scope = login_scope(world.oracle.records.front());
  cr_assert(scope.has_value());
  cr_expect(scope->transport == "ses" && scope->host == "smtp.example" && scope->port == 587);
  cr_expect(scope->user == "AKIA" && scope->credential == "ses-key");
  cr_expect(scope->tls == TlsPolicy::verified && !scope->cleartext_auth);
  const End& sender = world.sender("smtp.example:587");
  cr_assert_eq(sender.records.size(), 2);
  cr_expect(sender.records[0].get("type") == "oracle", "before its first job");
  cr_expect(sender.records[1].get("type") == "job");
}

Test(spawner, the_scope_of_a_login_to_a_proxy_is_that_proxy) {
  World world;
  world.give(1, "a.test", "login");
  cr_assert_eq(world.oracle.count("scope"), 1);
  const auto scope = login_scope(world.oracle.records.front());
  cr_assert(scope.has_value());
  cr_expect(scope->host == "10.9.0.1:1080" && scope->user == "u" && scope->credential == "c");
  cr_expect(scope->mechanisms == std::vector<std::string>{"PLAIN"});
  cr_expect(scope->tls == TlsPolicy::off && scope->cleartext_auth);
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.oracle.count("scope"), 1, "a proxy without a login");
}

Test(spawner, no_other_sender_gets_a_line_to_the_oracle) {
  World world;
  world.give(1, "example.com");
  cr_expect_eq(world.sender("example.com").count("oracle"), 0);
  cr_expect(world.oracle.records.empty());
}
