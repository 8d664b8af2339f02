// waypost-deliver: destinations that are known to fail, probes, and kicks by hand.

#include <criterion/criterion.h>

#include "tests/unit/deliver/spawner_world.h"

using namespace waypost;
using namespace waypost::test;

Test(known_failures, a_failing_destination_is_answered_for_without_a_sender) {
  World world;
  world.give(1, "dead.test");
  world.give(2, "dead.test");
  world.fail("dead.test", 1);
  world.finish("dead.test", 2, Disposition::deferred);
  world.give(3, "dead.test");
  world.give(4, "good.test");
  cr_expect_eq(world.sender("dead.test").count("job"), 2);
  cr_expect_eq(world.sender("good.test").count("job"), 1);
  const Record& last = world.manager.records[world.manager.records.size() - 2];
  cr_expect_eq(last.get("job"), "3");
  cr_expect_eq(last.get("outcome"), "deferred");
  cr_expect_eq(last.get("class"), "unreachable");
  cr_expect_eq(last.get("reply"), "not tried: connection refused");
  cr_expect_eq(last.get("tried"), "0");
}

Test(known_failures, one_probe_decides_for_those_that_wait) {
  for (const bool alive : {true, false}) {
    World world(200, 2, 1); // a failure is known for half a second
    world.give(1, "a.test");
    world.fail("a.test", 1);
    world.wait(520);
    for (std::uint64_t job = 2; job <= 5; ++job)
      world.give(job, "a.test");
    cr_expect_eq(world.sender("a.test").count("job"), 2, "one of four is the probe");
    cr_expect_eq(world.manager.count("result"), 1);
    if (!alive) {
      world.fail("a.test", 2);
      cr_expect_eq(world.manager.count("result"), 5, "the others are answered with what it met");
      cr_expect_eq(world.sender("a.test").count("job"), 2);
    } else {
      world.say("a.test", "up");
      cr_expect_eq(world.sender("a.test").count("job"), 5, "all go");
    }
  }
}

Test(known_failures, a_reload_forgets_failures) {
  World world;
  world.give(1, "a.test");
  world.fail("a.test", 1);
  world.manager.channel->send(Record().add("type", "reload"));
  world.turn();
  world.give(2, "a.test");
  cr_expect_eq(world.sender("a.test").count("job"), 1, "a new sender's first");
}

Test(known_failures, a_failing_destination_leaves_places_to_new_ones) {
  World world(8); // four for those without a success, two of them for those that fail
  for (std::uint64_t i = 1; i <= 4; ++i)
    world.give(i, "dead" + std::to_string(i) + ".test");
  cr_expect_eq(world.starts, 4);
  world.give(5, "new.test");
  cr_expect_eq(world.starts, 4, "no place");
  world.fail("dead1.test", 1);
  cr_expect_eq(world.starts, 5, "the idle one of a failing destination goes first");
  cr_expect_eq(world.sender("new.test").count("job"), 1);
}

Test(known_failures, a_kick_is_a_probe_at_once_for_all_its_messages) {
  for (const bool alive : {true, false}) {
    World world;
    world.give(1, "a.test");
    world.fail("a.test", 1);
    world.give(2, "a.test");
    cr_expect_eq(world.manager.count("result"), 2, "within the time nothing is tried by itself");
    for (std::uint64_t job = 3; job <= 5; ++job)
      world.kick(job, "a.test", 1);
    world.give(6, "a.test");
    cr_expect_eq(world.sender("a.test").count("job"), 2, "one of the kicked is the probe");
    cr_expect_eq(world.manager.count("result"), 2, "the others wait for it, whoever they are");
    if (alive) {
      world.say("a.test", "up");
      cr_expect_eq(world.sender("a.test").count("job"), 5, "all go");
      continue;
    }
    world.fail("a.test", 3);
    cr_expect_eq(world.manager.count("result"), 6, "answered with what it met");
    world.kick(7, "a.test", 1);
    cr_expect_eq(world.manager.count("result"), 7, "the same kick is no second probe");
    cr_expect_eq(world.sender("a.test").count("job"), 2);
    world.kick(8, "a.test", 2);
    cr_expect_eq(world.sender("a.test").count("job"), 3, "another one is");
  }
}

Test(known_failures, a_kick_while_a_probe_is_under_way_gets_its_own) {
  World world;
  world.give(1, "a.test");
  world.fail("a.test", 1);
  world.kick(2, "a.test", 1);
  world.kick(3, "a.test", 2);
  cr_expect_eq(world.sender("a.test").count("job"), 2, "one at a time");
  world.fail("a.test", 2);
  cr_expect_eq(world.manager.count("result"), 2, "the second is not answered by the first");
  cr_expect_eq(world.sender("a.test").count("job"), 3);
  world.fail("a.test", 3);
  cr_expect_eq(world.manager.count("result"), 3);
}

Test(known_failures, a_kick_that_finds_the_failure_itself_has_had_its_probe) {
  World world(200, 1);
  for (std::uint64_t job = 1; job <= 14; ++job)
    world.kick(job, "a.test", 1);
  const std::size_t given = world.sender("a.test").count("job");
  cr_expect_lt(given, 14);
  world.fail("a.test", 1);
  cr_expect_eq(world.manager.count("result"), 14 - given + 1, "those that waited are answered");
  cr_expect_eq(world.sender("a.test").count("job"), given);
}
