// A refusal for good that says more of our address than of the recipient.
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// direct, then t1, t2, ... as refusals come in; bounce when `last` has refused.
std::function<RouteAnswer(const RouteQuery&)> ladder(std::size_t last) {
  return [last](const RouteQuery& query) {
    RouteAnswer answer;
    answer.generation = 1;
    answer.bounce = query.refusal != FailureClass::none && query.refused.size() > last;
    answer.transport =
        query.refused.empty() ? "direct" : "t" + std::to_string(query.refused.size());
    answer.type = "direct";
    answer.destination = query.to;
    answer.rule = "waypost.toml:1";
    return answer;
  };
}

} // namespace

Test(moves, blocked_then_greylisted_then_delivered_without_a_bounce) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.route = ladder(5);
  rig.deliver = [](const Job& job, const JobRecipient&) {
    if (job.transport == "direct") return refused(FailureClass::blocked);
    return job.attempt == 2 ? deferred(FailureClass::greylisted) : delivered();
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 2u, "the next attempt follows at once");
  cr_expect(rig.jobs[1].transport == "t1" && rig.jobs[1].attempt == 2);
  rig.pass(121'000);
  cr_assert_eq(rig.jobs.size(), 3u);
  cr_expect(rig.jobs[2].transport == "t1", "no way back to direct");
  cr_expect(rig.jobs[2].prefer == "192.0.2.1", "the address that greylisted us");
  cr_expect(cur_names(folder).empty());
  cr_expect(rig.notices.empty());
}

Test(moves, a_fourth_move_bounces) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.route = ladder(100);
  rig.deliver = [](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : refused(FailureClass::blocked);
  };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  cr_expect_eq(rig.jobs.size(), 5u, "four refusals and a notice");
  cr_expect_eq(rig.notices.size(), 1u);
}

Test(moves, no_rule_elsewhere_bounces_and_other_classes_do_not_ask) {
  for (const FailureClass klass : {FailureClass::blocked, FailureClass::mailbox}) {
    SpoolFolder folder;
    FaultFs fs;
    QueueRig rig(fs, folder.path());
    rig.route = ladder(0);
    rig.deliver = [&](const Job& job, const JobRecipient&) {
      return job.sender.sender.null() ? delivered() : refused(klass);
    };
    rig.accept("a@b.test", {"x@one.test"});
    rig.start();
    rig.run();
    cr_expect_eq(rig.notices.size(), 1u);
    const auto asked = std::ranges::count_if(
        rig.queries, [](const RouteQuery& query) { return query.refusal != FailureClass::none; });
    cr_expect_eq(asked, klass == FailureClass::blocked ? 1 : 0);
  }
}

Test(moves, a_route_that_cannot_say_defers_and_never_bounces_early) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  const auto usual = ladder(100);
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer = usual(query);
    if (query.refusal != FailureClass::none) answer.wait = "no snapshot";
    return answer;
  };
  rig.deliver = [](const Job&, const JobRecipient&) { return refused(FailureClass::blocked); };
  rig.accept("a@b.test", {"x@one.test"});
  rig.start();
  rig.run();
  cr_expect(rig.notices.empty());
  cr_expect_eq(cur_names(folder).size(), 1u);
}

Test(moves, history_lost_at_a_power_cut_costs_one_more_move_at_most) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.route = ladder(100);
  rig.deliver = [](const Job& job, const JobRecipient&) {
    if (job.sender.sender.null()) return delivered();
    return job.transport == "t2" ? deferred() : refused(FailureClass::blocked);
  };
  rig.accept("a@b.test", {"x@one.test", "y@two.test"});
  rig.start();
  rig.run();
  rig.kill();
  fs.crash(Crash::forget);
  const std::size_t before = rig.jobs.size();
  rig.start();
  rig.pass(400'000);
  cr_expect(rig.notices.empty());
  for (std::size_t i = before; i < rig.jobs.size(); ++i)
    cr_expect(rig.jobs[i].transport != "direct", "direct had refused, and that was flushed");
}
