// Schedule and JobQueue: who is next.
#include "queue/manager/job_queue.h"
#include "queue/manager/schedule.h"
#include "queue/manager/settlement.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::queue;

namespace {

MessageId numbered(std::uint32_t n) {
  return MessageId::make(1'800'000'000'000'000 + n, n);
}

Ticket ticket(const std::string& id, const std::string& account, const std::string& destination) {
  Ticket one;
  one.id = id;
  one.account = account;
  one.choice.transport = "direct";
  one.choice.destination = destination;
  return one;
}

} // namespace

Test(schedule, gives_the_earliest_due_and_nothing_early) {
  Schedule schedule;
  for (std::uint32_t n = 0; n < 1000; ++n) {
    const MessageId id = numbered(n);
    cr_assert(schedule.add(id, {}) != nullptr);
    schedule.set_due(id, static_cast<BootMs>(n * 7919 % 1000) + 1);
  }
  for (std::uint32_t n = 0; n < 1000; n += 3)
    schedule.erase(numbered(n));
  BootMs last = 0;
  int taken = 0;
  cr_expect(!schedule.take(0, false));
  while (const auto id = schedule.take(1000, false)) {
    const QueueEntry* entry = schedule.find(*id);
    cr_assert(entry != nullptr && entry->active);
    cr_expect(entry->due >= last);
    last = entry->due;
    ++taken;
  }
  cr_expect_eq(taken, 666);
}

Test(schedule, fresh_messages_alternate_with_a_backlog) {
  Schedule schedule;
  for (std::uint32_t n = 0; n < 100; ++n) {
    schedule.add(numbered(n), {});
    schedule.set_due(numbered(n), 1);
  }
  for (std::uint32_t n = 200; n < 210; ++n) {
    schedule.add(numbered(n), {});
    schedule.set_fresh(numbered(n));
  }
  int fresh = 0;
  for (int i = 0; i < 20; ++i) {
    const auto id = schedule.take(10, false);
    cr_assert(id.has_value());
    if (*id >= numbered(200)) ++fresh;
  }
  cr_expect_eq(fresh, 10);
  cr_expect(!schedule.take(10, true), "no fresh one is left");
}

Test(schedule, derived_names_are_their_own_entries) {
  Schedule schedule;
  const MessageId id = numbered(1);
  cr_expect(schedule.add(id, {}) != nullptr);
  cr_expect(schedule.add(*id.derive('b', 1), {}) != nullptr);
  cr_expect(schedule.add(*id.derive('b', 1), {}) == nullptr);
  schedule.erase(id);
  cr_expect(schedule.find(id) == nullptr && schedule.find(*id.derive('b', 1)) != nullptr);
}

Test(job_queue, turns_go_round_over_destinations_accounts_and_messages) {
  JobQueue queue([](const std::string&) { return 100U; }, 1000);
  for (int i = 0; i < 5; ++i)
    queue.push(ticket("big" + std::to_string(i), "alice", "x.test"));
  queue.push(ticket("small", "bob", "x.test"));
  queue.push(ticket("other", "alice", "y.test"));
  std::vector<std::string> order;
  while (auto next = queue.next(0))
    order.push_back(next->id);
  cr_assert_eq(order.size(), 7u);
  cr_expect(order[0] == "big0" && order[1] == "other" && order[2] == "small" && order[3] == "big1");
}

Test(job_queue, bounds_each_destination_and_keeps_half_for_the_proven) {
  JobQueue queue([](const std::string&) { return 4U; }, 8);
  std::vector<Ticket> running;
  for (int i = 0; i < 20; ++i)
    queue.push(ticket("m" + std::to_string(i), "a", "d" + std::to_string(i / 10) + ".test"));
  while (auto next = queue.next(0))
    running.push_back(std::move(*next));
  cr_expect_eq(running.size(), 4u, "half, as none has had a success");
  const std::string lucky = running[0].choice.destination;
  queue.ended(running[0], true, 0);
  int more = 0;
  while (auto next = queue.next(1)) {
    if (next->choice.destination == lucky) ++more;
  }
  cr_expect(more >= 2, "%d", more);
}

Test(job_queue, a_slow_destination_gives_places_back) {
  JobQueue queue([](const std::string&) { return 2U; }, 1000);
  for (int i = 0; i < 50; ++i) {
    Ticket slow = ticket("s" + std::to_string(i), "a", "slow.test");
    slow.queued = 10;
    queue.push(std::move(slow));
  }
  Ticket other = ticket("other", "a", "other.test");
  other.queued = 10;
  queue.push(std::move(other));
  int started = 0;
  while (const auto next = queue.next(20))
    ++started;
  cr_expect_eq(started, 3);
  cr_expect(queue.give_back(9, 5).empty(), "they have not waited long");
  cr_expect_eq(queue.give_back(10, 5).size(), 43u);
  cr_expect_eq(queue.waiting(), 5u);
  queue.ended(ticket("s0", "a", "slow.test"), true, 30);
  cr_expect(queue.next(30).has_value(), "what stayed is still served");
  cr_expect(!queue.next(30).has_value());
}

Test(settlement, expiry_and_waits) {
  Settings settings;
  settings.retry_s = {10, 20};
  cr_expect_eq(wait_ms(settings, 1), 10'000);
  cr_expect_eq(wait_ms(settings, 2), 20'000);
  cr_expect_eq(wait_ms(settings, 99), 20'000);
  SettlePolicy policy;
  policy.expire_after_s = 30;
  policy.age_us = 29'999'999;
  Outcome waits;
  cr_expect(settle(waits, {}, {}, policy).mark == Mark::pending);
  policy.age_us = 30'000'000;
  cr_expect(settle(waits, {}, {}, policy).mark == Mark::failed);
  policy.reporting = Reporting::nobody;
  cr_expect(settle(waits, {}, {}, policy).mark == Mark::reported);
}

Test(settlement, who_is_told) {
  const MessageId id = numbered(1);
  const Address sender = *Address::parse("a@b.test");
  cr_expect(reporting(id, sender) == Reporting::sender);
  cr_expect(reporting(id, Address()) == Reporting::nobody);
  cr_expect(reporting(*id.derive('b', 1), Address()) == Reporting::postmaster);
  cr_expect(reporting(*id.derive('d', 0), Address()) == Reporting::postmaster);
  cr_expect(reporting(*id.derive('b', 1)->derive('b', 1), Address()) == Reporting::nobody);
  cr_expect(reporting(*id.derive('c', 1), Address()) == Reporting::nobody);
  cr_expect(reporting(*id.derive('c', 1)->derive('b', 1), Address()) == Reporting::postmaster);
}
