// What the manager counts as it goes is what a walk over the queue would count.
#include "tests/unit/queue-manager/queue_rig.h"

#include <random>

using namespace waypost;
using namespace waypost::test;
using namespace waypost::queue;

namespace {

std::vector<MessageId> all_ids(const Schedule& schedule) {
  std::vector<MessageId> all;
  IdWalk walk;
  while (true) {
    while (!schedule.step(walk)) {
    }
    if (walk.page.empty()) return all;
    for (const std::string& id : walk.page)
      all.push_back(*MessageId::parse(id));
  }
}

void expect_counted(Schedule& schedule, const char* when) {
  constexpr Lane kLanes = 8;
  std::array<std::array<std::size_t, kQueueStates.size()>, kLanes> anew{};
  std::optional<WallUs> oldest;
  for (const MessageId& id : all_ids(schedule)) {
    const QueueEntry& entry = *schedule.find(id);
    cr_assert(entry.lane < kLanes);
    ++anew[entry.lane][static_cast<std::size_t>(entry.state())];
    const WallUs arrived = QueueKey(id).arrived();
    oldest = std::min(oldest.value_or(arrived), arrived);
  }
  for (const QueueState state : kQueueStates) {
    std::size_t sum = 0;
    for (Lane lane = 0; lane < kLanes; ++lane) {
      const std::size_t wanted = anew[lane][static_cast<std::size_t>(state)];
      const std::size_t counted = schedule.census().count(state, lane);
      cr_assert_eq(counted, wanted, "%s: %s by transport %u: %zu, not %zu", when,
                   name(state).data(), lane, counted, wanted);
      sum += wanted;
    }
    cr_assert_eq(schedule.census().count(state), sum, "%s: %s", when, name(state).data());
  }
  const std::optional<WallUs> told = schedule.census().oldest();
  cr_assert_eq(told.has_value(), oldest.has_value(), "%s", when);
  if (told) cr_assert(*told <= *oldest && *oldest - *told < 34'000'000, "%s: the oldest", when);
}

MessageChange change_of(Verb verb) {
  MessageChange change;
  change.verb = verb;
  return change;
}

} // namespace

Test(census, is_what_a_walk_counts_after_any_event) {
  std::mt19937 random(20261122);
  Schedule schedule;
  std::vector<MessageId> ids;
  BootMs now = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto dice = random() % 12;
    if (dice < 3 || ids.empty()) {
      const WallUs arrived =
          1'800'000'000'000'000 + static_cast<WallUs>(random() % 1'000) * 1'000'000;
      ids.push_back(MessageId::make(arrived, random()));
      QueueEntry entry;
      entry.name_next = random() % 4 == 0 ? QueueEntry::kHeld : 7;
      entry.parked = random() % 8 == 0;
      schedule.add(ids.back(), entry);
      continue;
    }
    const std::size_t which = random() % ids.size();
    const MessageId id = ids[which];
    QueueEntry& entry = *schedule.find(id);
    switch (dice) {
    case 3: schedule.set_due(id, now + static_cast<BootMs>(random() % 100)); break;
    case 4: schedule.unset_due(id); break;
    case 5: schedule.set_fresh(id); break;
    case 6: schedule.set_lane(entry, static_cast<Lane>(random() % 8)); break;
    case 7:
      entry.active = false;
      schedule.recount(entry);
      break;
    case 8:
      entry.name_next = random() % 2 == 0 ? QueueEntry::kHeld : 7;
      schedule.recount(entry);
      break;
    case 9:
      entry.parked = false;
      schedule.recount(entry);
      break;
    case 10: static_cast<void>(schedule.take(now += 10, random() % 3 == 0)); break;
    default: schedule.erase(id); ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (step % 100 == 0) expect_counted(schedule, std::to_string(step).c_str());
  }
  for (const MessageId& id : ids)
    schedule.erase(id);
  expect_counted(schedule, "the end");
  cr_expect(!schedule.census().oldest());
}

// A whole manager: mail comes, fails, is held, released, dropped, bounced; it is killed and starts
// again.
Test(census, holds_over_a_life_of_commands_failures_and_kills) {
  constexpr std::array kVerbs{Verb::hold,   Verb::release, Verb::kick,
                              Verb::bounce, Verb::requeue, Verb::drop};
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  std::mt19937 random(7);
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer;
    answer.transport = query.attempt % 2 == 0 ? "relay" : "direct";
    answer.type = "smtp";
    answer.destination = query.to;
    return answer;
  };
  rig.deliver = [&](const Job&, const JobRecipient&) {
    const auto dice = random() % 6;
    return dice == 0 ? delivered() : dice == 1 ? refused() : deferred();
  };
  rig.start();
  for (int step = 0; step < 400; ++step) {
    const std::string when = "step " + std::to_string(step);
    const auto dice = random() % 10;
    if (dice < 4) rig.name_seen(rig.accept("a@b.test", {"x@one.test", "y@two.test"}));
    if (dice >= 4 && dice < 7) rig.pass(static_cast<BootMs>(random() % 90'000));
    const std::vector<MessageId> ids = all_ids(rig.manager->schedule());
    if (dice >= 7 && dice < 9 && !ids.empty()) {
      const Verb verb = kVerbs[random() % kVerbs.size()];
      rig.manager->change(ids[random() % ids.size()], change_of(verb), [](const auto&) {});
      if (random() % 2 == 0) rig.run();
    }
    if (dice == 9 && random() % 4 == 0) {
      rig.kill();
      rig.start();
    }
    expect_counted(rig.manager->schedule(), when.c_str());
    cr_assert(rig.broke.empty(), "%s", rig.broke.c_str());
  }
}

Test(census, is_right_after_a_restart) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  rig.start();
  const MessageId first = rig.accept("a@b.test", {"x@one.test"});
  rig.name_seen(first);
  rig.pass(50'000);
  for (int i = 0; i < 3; ++i)
    rig.name_seen(rig.accept("a@b.test", {"x@one.test"}));
  rig.manager->change(first, change_of(Verb::hold), [](const auto&) {});
  rig.run();
  const Census& before = rig.manager->schedule().census();
  const Lane direct = 1;
  cr_expect_eq(before.count(QueueState::held, direct), 1U);
  cr_expect_eq(before.count(QueueState::deferred, direct), 3U);
  cr_expect_eq(rig.manager->figures().accepted_total(), 4U);
  rig.kill();
  rig.limits.turns = 0; // as it is read from the disk
  rig.start();
  const Census& after = rig.manager->schedule().census();
  cr_expect_eq(after.count(QueueState::held), 1U);
  cr_expect_eq(after.count(QueueState::deferred), 3U);
  cr_expect_eq(after.count(QueueState::held, 0), 1U, "its transport is not known yet");
  const WallUs arrived = QueueKey(first).arrived();
  cr_assert(after.oldest().has_value());
  cr_expect(*after.oldest() <= arrived && arrived - *after.oldest() < 34'000'000);
  cr_expect_eq(rig.manager->figures().accepted_total(), 0U, "each message is accepted once");
}

Test(census, the_name_tells_the_arrival) {
  for (const WallUs when : {WallUs{0}, WallUs{1}, WallUs{1'800'000'000'123'456}})
    cr_expect_eq(QueueKey(MessageId::make(when, 12345)).arrived(), when);
}
