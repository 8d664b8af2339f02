// JobQueue and RateWindow: which job is next.
#include "queue/manager/job_queue.h"

#include <criterion/criterion.h>

using namespace waypost;
using namespace waypost::queue;

namespace {

Ticket ticket(const std::string& id, const std::string& account, const std::string& destination,
              const std::string& transport = "direct") {
  Ticket one;
  one.id = id;
  one.account = account;
  one.choice.transport = transport;
  one.choice.destination = destination;
  return one;
}

JobQueue::Limits jobs_each(std::uint32_t jobs) {
  return [jobs](const std::string&) { return TransportLimits{jobs, 0, 0}; };
}

// What may start now, in order.
std::vector<Ticket> start_all(JobQueue& queue, BootMs now) {
  std::vector<Ticket> started;
  while (auto next = queue.next(now))
    started.push_back(std::move(*next));
  return started;
}

std::string ids(const std::vector<Ticket>& tickets) {
  std::string text;
  for (const Ticket& one : tickets)
    text += (text.empty() ? "" : " ") + one.id;
  return text;
}

void expect(const std::vector<Ticket>& got, const char* expected, const char* what) {
  const std::string text = ids(got);
  cr_expect(text == expected, "%s: %s", what, text.c_str());
}

} // namespace

Test(job_queue, turns_go_round_over_destinations_accounts_and_messages) {
  JobQueue queue(jobs_each(100), 1000);
  for (int i = 0; i < 3; ++i)
    queue.push(ticket("big" + std::to_string(i), "alice", "x.test"), 0);
  queue.push(ticket("small", "bob", "x.test"), 0);
  queue.push(ticket("other", "alice", "y.test"), 0);
  expect(start_all(queue, 0), "big0 other small big1 big2", "accounts within a destination");
  for (int i = 0; i < 3; ++i)
    queue.push(ticket("list", "alice", "z.test"), 0);
  queue.push(ticket("letter", "alice", "z.test"), 0);
  expect(start_all(queue, 0), "list letter list list", "messages within an account");
}

Test(job_queue, bounds_each_destination_and_keeps_half_for_the_proven) {
  JobQueue queue(jobs_each(4), 8);
  for (int i = 0; i < 20; ++i)
    queue.push(ticket("m" + std::to_string(i), "a", "d" + std::to_string(i / 10) + ".test"), 0);
  const std::vector<Ticket> running = start_all(queue, 0);
  cr_expect_eq(running.size(), 4u, "half, as none has had a success");
  queue.ended(running[0], JobEnd::delivered, 0);
  const std::vector<Ticket> more = start_all(queue, 1);
  const auto lucky = std::ranges::count_if(more, [&](const Ticket& one) {
    return one.choice.destination == running[0].choice.destination;
  });
  cr_expect(lucky >= 2, "%ld", static_cast<long>(lucky));
}

Test(job_queue, a_thousand_destinations_without_success_leave_every_second_turn_to_one_with_it) {
  JobQueue queue(jobs_each(100), 10'000);
  queue.push(ticket("first", "a", "good.test"), 0);
  queue.ended(start_all(queue, 0).at(0), JobEnd::delivered, 0);
  for (int i = 0; i < 1000; ++i)
    queue.push(ticket("slow", "a", "slow" + std::to_string(i) + ".test"), 0);
  for (int i = 0; i < 3; ++i)
    queue.push(ticket("good", "a", "good.test"), 0);
  const std::vector<Ticket> started = start_all(queue, 0);
  cr_assert_eq(started.size(), 1003u);
  expect({started.begin(), started.begin() + 5}, "good good good slow slow", "a run, at once");
  for (int i = 0; i < 12; ++i)
    queue.push(ticket("good", "a", "good.test"), 0);
  for (int i = 0; i < 2; ++i)
    queue.push(ticket("slow", "a", "other" + std::to_string(i) + ".test"), 0);
  expect(start_all(queue, 0),
         "good good good good good good good good good good slow good good slow",
         "a run is ten jobs, and the others have their turn");
}

Test(job_queue, a_slow_destination_gives_places_back) {
  JobQueue queue(jobs_each(2), 1000);
  for (int i = 0; i < 50; ++i) {
    Ticket slow = ticket("s" + std::to_string(i), "a", "slow.test");
    slow.queued = 10;
    queue.push(std::move(slow), 10);
  }
  Ticket other = ticket("other", "a", "other.test");
  other.queued = 10;
  queue.push(std::move(other), 10);
  cr_expect_eq(start_all(queue, 20).size(), 3u);
  cr_expect(queue.give_back(9, 5, 20).empty(), "they have not waited long");
  cr_expect_eq(queue.give_back(10, 5, 20).size(), 43u);
  cr_expect_eq(queue.waiting(), 5u);
  queue.ended(ticket("s0", "a", "slow.test"), JobEnd::delivered, 30);
  cr_expect_eq(start_all(queue, 30).size(), 1u, "what stayed is still served");
}

Test(job_queue, a_rate_holds_back_its_own_transport_only) {
  JobQueue queue(
      [](const std::string& transport) {
        return transport == "slow" ? TransportLimits{100, 3, 10} : TransportLimits{100, 0, 0};
      },
      1000);
  for (int i = 0; i < 8; ++i)
    queue.push(ticket("r" + std::to_string(i), "a", "d" + std::to_string(i % 2), "slow"), 0);
  queue.push(ticket("free", "a", "d0", "direct"), 0);
  const std::vector<Ticket> started = start_all(queue, 100);
  expect(started, "r0 r1 free r2", "three by the rate");
  cr_expect_eq(queue.under_way(), 4u, "what waits for the rate has no place");
  const auto opens = queue.opens_at(100);
  cr_assert(opens.has_value());
  cr_expect(*opens > 10'000 && *opens <= 10'400, "%ld", static_cast<long>(*opens));
  cr_expect(start_all(queue, *opens - 1).empty());
  expect(start_all(queue, *opens), "r3 r4 r5", "the next three");
  queue.ended(started[0], JobEnd::untried, *opens);
  expect(start_all(queue, *opens), "r6", "what touched no network counts for nothing");
  cr_expect(start_all(queue, *opens + 10'000).empty());
  expect(start_all(queue, *opens + 10'400), "r7", "the last");
  cr_expect(!queue.opens_at(*opens + 10'400).has_value());
}

Test(job_queue, what_waits_for_a_rate_gives_places_back) {
  JobQueue queue([](const std::string&) { return TransportLimits{100, 1, 3600}; }, 1000);
  for (int i = 0; i < 60; ++i)
    queue.push(ticket("m", "a", "d" + std::to_string(i) + ".test"), 0);
  cr_expect_eq(start_all(queue, 0).size(), 1u);
  cr_expect_eq(queue.give_back(0, 5, 0).size(), 54u, "five of the whole transport stay");
}

Test(job_queue, a_new_configuration_changes_limits) {
  TransportLimits limits{1, 1, 3600};
  JobQueue queue([&](const std::string&) { return limits; }, 1000);
  for (int i = 0; i < 10; ++i)
    queue.push(ticket("m" + std::to_string(i), "a", "x.test"), 0);
  cr_expect_eq(start_all(queue, 0).size(), 1u);
  limits = {4, 0, 0};
  queue.reconfigure(1);
  cr_expect_eq(start_all(queue, 1).size(), 3u);
}

// Whatever the moments, no stretch of the period's length holds more than the rate says, and not
// much less goes than it allows.
Test(rate_window, no_stretch_of_time_ever_holds_more) {
  struct Row {
    std::uint32_t most, period_s;
    BootMs step; // between two that want to go
  };
  for (const Row& row : {Row{5, 10, 7}, Row{100, 60, 13}, Row{1, 1, 3}, Row{14, 1, 1},
                         Row{3, 3600, 977}, Row{100'000, 86'400, 501}}) {
    RateWindow window(row.most, row.period_s);
    const BootMs period = std::int64_t{row.period_s} * 1000;
    std::deque<BootMs> within;
    std::size_t most_seen = 0;
    std::uint64_t went = 0;
    const BootMs end = 123'456 + period * 4;
    for (BootMs now = 123'456; now < end; now += row.step) {
      if (!window.room(now)) {
        cr_assert(window.opens_at(now) > now);
        continue;
      }
      window.take(now);
      ++went;
      within.push_back(now);
      while (within.front() <= now - period)
        within.pop_front();
      most_seen = std::max(most_seen, within.size());
    }
    cr_expect(most_seen <= row.most, "%u in %u s: %zu", row.most, row.period_s, most_seen);
    const std::uint64_t wanted = static_cast<std::uint64_t>(4 * period / row.step);
    const std::uint64_t allowed = std::min<std::uint64_t>(4 * std::uint64_t{row.most}, wanted);
    cr_expect(went * 100 >= allowed * 95, "%u in %u s: only %lu of %lu", row.most, row.period_s,
              static_cast<unsigned long>(went), static_cast<unsigned long>(allowed));
  }
}
