// Outcomes, durations and destinations, counted once each.
#include "tests/unit/queue-manager/queue_rig.h"

#include <random>

using namespace waypost;
using namespace waypost::test;
using namespace waypost::queue;

namespace {

struct Life {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};
};

std::uint64_t outcomes(const Figures& figures, Lane lane, Disposition disposition) {
  std::uint64_t sum = 0;
  for (const std::uint64_t one : figures.of(lane).outcomes[static_cast<std::size_t>(disposition)])
    sum += one;
  return sum;
}

} // namespace

Test(figures, every_outcome_is_counted_once_by_transport_and_class) {
  Life life;
  QueueRig& rig = life.rig;
  std::map<std::tuple<std::string, Disposition, FailureClass>, std::uint64_t> wanted;
  std::uint64_t untried = 0;
  std::mt19937 random(3);
  rig.settings.expire_after_s = 100'000'000;
  rig.route = [](const RouteQuery& query) {
    RouteAnswer answer;
    answer.transport = query.to == "one.test" ? "direct" : "relay";
    answer.type = "direct";
    answer.destination = query.to;
    return answer;
  };
  rig.deliver = [&](const Job& job, const JobRecipient&) {
    const auto dice = random() % 5;
    Outcome outcome = dice == 0   ? delivered()
                      : dice == 1 ? refused(FailureClass::content)
                      : dice == 2 ? deferred(FailureClass::greylisted)
                                  : deferred();
    outcome.tried = dice != 4;
    untried += dice == 4 ? 1 : 0;
    ++wanted[{job.transport, outcome.disposition, outcome.klass}];
    return outcome;
  };
  rig.start();
  for (int i = 0; i < 60; ++i) {
    rig.name_seen(rig.accept("", {"x@one.test", "y@one.test", "z@two.test"})); // no notices
    rig.pass(20'000);
  }
  const Figures& figures = rig.manager->figures();
  std::uint64_t counted = 0;
  std::uint64_t attempts = 0;
  std::uint64_t not_tried = 0;
  for (Lane lane = 1; lane < figures.lanes(); ++lane) {
    const TransportFigures& of = figures.of(lane);
    attempts += of.tried + of.untried;
    not_tried += of.untried;
    for (std::size_t d = 0; d < kDispositions; ++d) {
      for (std::size_t c = 0; c < kClasses; ++c) {
        const auto at =
            wanted.find({of.name, static_cast<Disposition>(d), static_cast<FailureClass>(c)});
        cr_expect_eq(of.outcomes[d][c], at == wanted.end() ? 0 : at->second, "%s %s %s",
                     of.name.c_str(), name(static_cast<Disposition>(d)).data(),
                     name(static_cast<FailureClass>(c)).data());
        counted += of.outcomes[d][c];
      }
    }
    cr_expect_eq(of.delivery.count(), outcomes(figures, lane, Disposition::delivered));
    cr_expect_gt(of.attempt.count(), 0U);
  }
  cr_expect_eq(figures.lanes(), 3U);
  cr_expect_gt(counted, 300U);
  cr_expect_eq(attempts, counted);
  cr_expect_eq(not_tried, untried);
  cr_expect_eq(figures.accepted_total(), 60U);
}

Test(figures, finished_damaged_and_notices) {
  Life life;
  QueueRig& rig = life.rig;
  rig.deliver = [](const Job&, const JobRecipient& one) {
    return one.recipient.address.domain() == "bad.test" ? refused() : delivered();
  };
  rig.start();
  rig.name_seen(rig.accept("a@b.test", {"x@one.test"}));
  rig.name_seen(rig.accept("a@b.test", {"x@bad.test"}));
  std::ofstream(life.folder.path() + "/new/no id") << "x";
  rig.manager->on_name("no id");
  rig.pass(1'000);
  static_cast<void>(rig.manager->scan_new()); // the notice
  rig.pass(1'000);
  const Figures& figures = rig.manager->figures();
  cr_expect_eq(figures.accepted_total(), 2U, "a notice is not accepted");
  cr_expect_eq(figures.notices_total(NoticeKind::failure), 1U);
  cr_expect_eq(figures.notices_total(NoticeKind::delay), 0U);
  cr_expect_eq(figures.removed_total(), 3U);
  cr_expect_eq(figures.damaged_total(), 1U);
}

Test(figures, a_transport_beyond_the_thousandth_has_no_figures_of_its_own) {
  Figures figures(0);
  for (int i = 0; i < 2'000; ++i)
    static_cast<void>(figures.lane("t" + std::to_string(i)));
  cr_expect_eq(figures.lanes(), 1'001U);
  cr_expect_eq(figures.lane("t0"), 1);
  cr_expect_eq(figures.lane("t1999"), 0);
  cr_expect_eq(figures.lane(""), 0);
}

Test(figures, a_histogram_counts_each_value_within_all_greater_bounds) {
  Histogram histogram(TransportFigures::kAttemptBounds);
  for (const std::uint64_t ms : {0U, 50U, 51U, 999U, 1'800'000U, 1'800'001U})
    histogram.add(ms);
  const auto within = histogram.within();
  cr_expect_eq(within[0], 2U, "0 and 50 are within 50");
  cr_expect_eq(within[1], 3U);
  cr_expect_eq(within[4], 4U, "within a second");
  cr_expect_eq(within.back(), 5U);
  cr_expect_eq(histogram.count(), 6U);
  cr_expect_eq(histogram.sum_ms(), 0U + 50 + 51 + 999 + 1'800'000 + 1'800'001);
}

Test(figures, a_rate_is_of_the_last_minute_or_so) {
  Rate rate;
  cr_expect_eq(rate.per_minute(0), 0);
  BootMs now = 0;
  for (; now < 600'000; now += 500)
    rate.count(now);
  cr_expect(rate.per_minute(now) > 118 && rate.per_minute(now) < 122, "two a second");
  cr_expect_lt(rate.per_minute(now + 600'000), 0.01);
}

Test(traffic, knows_the_destinations_that_mail_was_last_for) {
  Traffic traffic;
  for (int i = 0; i < 3'000; ++i) {
    traffic.outcome("direct", "d" + std::to_string(i), "0123456789abcdef", deferred(), i);
    traffic.waits("direct", "kept.test", "0123456789abcdef");
  }
  cr_expect_eq(traffic.size(), Traffic::kMost);
  cr_expect_eq(traffic.all().front().destination, "kept.test");
  cr_expect_eq(traffic.all().back().destination, "d" + std::to_string(3'001 - Traffic::kMost));
}

Test(traffic, keeps_the_oldest_messages_of_a_destination) {
  Traffic traffic;
  const auto id = [](WallUs when) { return MessageId::make(when, 0); };
  for (const WallUs when : {50, 30, 40, 10, 20, 60})
    traffic.waits("direct", "one.test", id(when).text());
  traffic.waits("direct", "one.test", id(5).derive('b', 1)->text());
  const DestinationFigures& one = traffic.all().front();
  cr_expect_eq(one.oldest.size(), DestinationFigures::kOldest);
  cr_expect_eq(one.oldest.front(), id(10).text());
  traffic.outcome("direct", "one.test", id(10).text(), deferred(), 0);
  cr_expect_eq(one.oldest.front(), id(10).text());
  traffic.outcome("direct", "one.test", id(10).text(), delivered(), 0);
  cr_expect_eq(one.oldest.front(), id(20).text());
  cr_expect_eq(one.last_class, FailureClass::unreachable);
  cr_expect(one.delivered == 1 && one.deferred == 1 && one.failed == 0);
}
