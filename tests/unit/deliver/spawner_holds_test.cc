// Transports that are held because their proxy is at fault (CASES of SOCKS5).

#include "tests/unit/deliver/spawner_world.h"

using namespace waypost;
using namespace waypost::test;
using deliver::ProxyNews;

namespace {

// The manager's last record, as "job:outcome:class:tried".
std::string last_answer(const World& world) {
  const Record& last = world.manager.records.back();
  std::string text(last.get("job"));
  for (const char* key : {"outcome", "class", "tried"})
    text += ':' + std::string(last.get(key));
  return text;
}

// A job for each of `count` destinations, none of which is reached by the proxy.
void reach_none_of(World& world, int count, int first = 1) {
  for (int i = first; i < first + count; ++i) {
    const std::string name = "d" + std::to_string(i) + ".test";
    world.give(static_cast<std::uint64_t>(i), name, "proxy");
    world.proxy(name, ProxyNews::not_reached);
    world.finish(name, static_cast<std::uint64_t>(i), Disposition::deferred);
  }
}

} // namespace

Test(spawner_holds, a_proxy_at_fault_holds_its_transport_and_no_other) {
  World world;
  world.give(1, "a.test", "proxy");
  world.proxy("a.test", ProxyNews::at_fault, "the proxy cannot be reached");
  world.finish("a.test", 1, Disposition::deferred);
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.starts, 1, "b.test is answered for without a sender");
  expect_same(last_answer(world), "2:deferred:unreachable:0");
  expect_same(std::string(world.manager.records.back().get("reply")),
              "not tried: the proxy cannot be reached");
  world.give(3, "c.test");
  cr_expect_eq(world.sender("c.test").count("job"), 1, "direct is not disturbed");
}

Test(spawner_holds, what_waits_for_the_transport_is_answered_too) {
  World world(2); // one place for destinations without a success
  world.give(1, "a.test", "proxy");
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.starts, 1);
  world.proxy("a.test", ProxyNews::at_fault);
  expect_same(last_answer(world), "2:deferred:unreachable:0");
}

Test(spawner_holds, one_probe_finds_out_for_all_destinations) {
  for (const bool alive : {true, false}) {
    World world(200, 2, 1); // a failure is known for half a second
    world.give(1, "a.test", "proxy");
    world.proxy("a.test", ProxyNews::at_fault);
    world.finish("a.test", 1, Disposition::deferred);
    world.wait(520);
    const char* const names[] = {"a.test", "b.test", "c.test"};
    for (std::uint64_t job = 2; job <= 7; ++job)
      world.give(job, names[job % 3], "proxy");
    // 2 is for c.test.
    cr_expect_eq(world.sender("c.test").count("job"), 1);
    cr_expect_eq(world.sender("a.test").count("job"), 1, "only the one from before");
    cr_expect_eq(world.manager.count("result"), 1);
    world.proxy("c.test", alive ? ProxyNews::reached : ProxyNews::at_fault);
    if (alive) {
      cr_expect_eq(world.sender("a.test").count("job"), 3, "all go");
      cr_expect_eq(world.sender("b.test").count("job"), 2);
      cr_expect_eq(world.sender("c.test").count("job"), 2);
    } else {
      cr_expect_eq(world.manager.count("result"), 6, "all but the probe are answered");
    }
  }
}

Test(spawner_holds, a_probe_that_shows_nothing_is_followed_by_another) {
  for (const bool dies : {false, true}) {
    World world(200, 2, 1);
    world.give(1, "a.test", "proxy");
    world.proxy("a.test", ProxyNews::at_fault);
    world.finish("a.test", 1, Disposition::deferred);
    world.wait(520);
    world.give(2, "b.test", "proxy");
    world.give(3, "c.test", "proxy");
    cr_expect_eq(world.starts, 2);
    if (dies) {
      world.sender("b.test").channel.reset();
      world.turn();
    } else {
      world.finish("b.test", 2, Disposition::failed); // no such domain: the proxy was not asked
    }
    cr_expect_eq(world.sender("c.test").count("job"), 1);
  }
}

Test(spawner_holds, ten_destinations_in_a_row_hold_the_transport) {
  World world;
  reach_none_of(world, 9);
  world.give(20, "e.test", "proxy");
  cr_expect_eq(world.sender("e.test").count("job"), 1, "nine are the destinations' fault");
  world.proxy("e.test", ProxyNews::not_reached, "0x05");
  world.give(21, "f.test", "proxy");
  expect_same(last_answer(world), "21:deferred:unreachable:0");
  expect_same(std::string(world.manager.records.back().get("reply")),
              "not tried: the proxy has reached none of 10 destinations in a row, the last: 0x05");
}

Test(spawner_holds, one_that_is_reached_between_starts_the_count_anew) {
  World world;
  reach_none_of(world, 9);
  world.give(20, "good.test", "proxy");
  world.proxy("good.test", ProxyNews::reached);
  reach_none_of(world, 9, 30);
  world.give(40, "f.test", "proxy");
  cr_expect_eq(world.sender("f.test").count("job"), 1);
}

Test(spawner_holds, one_destination_counts_once_however_often_it_is_tried) {
  World world;
  world.give(1, "a.test", "proxy");
  for (int i = 0; i < 20; ++i)
    world.proxy("a.test", ProxyNews::not_reached);
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.sender("b.test").count("job"), 1);
}

Test(spawner_holds, a_proxy_that_takes_neither_family_is_at_fault) {
  World world;
  world.give(1, "a.test", "proxy");
  world.proxy("a.test", ProxyNews::no_ipv6);
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.sender("b.test").count("job"), 1, "it may take IPv4");
  world.proxy("b.test", ProxyNews::no_ipv4);
  world.give(3, "c.test", "proxy");
  expect_same(last_answer(world), "3:deferred:unreachable:0");
}

Test(spawner_holds, a_reload_ends_a_hold) {
  World world;
  world.give(1, "a.test", "proxy");
  world.proxy("a.test", ProxyNews::at_fault);
  world.manager.channel->send(Record().add("type", "reload"));
  world.turn();
  world.give(2, "b.test", "proxy");
  cr_expect_eq(world.sender("b.test").count("job"), 1);
}

Test(spawner_holds, a_sender_that_talks_nonsense_of_its_proxy_is_cut_off) {
  World world;
  world.give(1, "a.test", "proxy");
  world.sender("a.test").channel->send(Record().add("type", "proxy").add("news", "fine"));
  world.turn();
  cr_expect(world.sender("a.test").closed);
}
