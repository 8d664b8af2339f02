// Schedule: which message is next, and for how long.
#include "queue/manager/schedule.h"
#include "queue/manager/settlement.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::queue;

namespace {

MessageId numbered(std::uint32_t n) {
  return MessageId::make(1'800'000'000'000'000 + n, n);
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

// More than a call for each of them would leave room for on the stack.
Test(schedule, what_was_dropped_in_the_line_of_the_fresh_ones_is_passed_over) {
  constexpr std::uint32_t kMany = 200'000;
  Schedule schedule;
  for (std::uint32_t n = 0; n <= kMany; ++n) {
    schedule.add(numbered(n), {});
    schedule.set_fresh(numbered(n));
  }
  for (std::uint32_t n = 0; n < kMany; ++n)
    schedule.erase(numbered(n));
  cr_expect(schedule.take(10, false) == numbered(kMany));
  cr_expect(!schedule.take(10, false));
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
  // A notice to an alias of several.
  const MessageId lost = *id.derive('b', 1)->derive('c', 1);
  cr_expect(reporting(lost, Address()) == Reporting::postmaster);
  cr_expect(reporting(*lost.derive('b', 1), Address()) == Reporting::nobody);
  cr_expect(reporting(*lost.derive('b', 1)->derive('c', 1), Address()) == Reporting::nobody);
}
