// Jobs that waypost-deliver gives back untried.

#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;
using Untried = queue::Manager::Untried;

Test(untried, what_a_leaving_sender_had_goes_out_again_at_once_and_no_attempt_is_counted) {
  const SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.silent = "y.test";
  rig.accept("a@x.test", {"b@y.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 1);
  rig.silent.clear();
  rig.manager->on_untried(rig.jobs[0].job, Untried::sender_left);
  rig.run();
  cr_assert_eq(rig.jobs.size(), 2, "no time has passed");
  cr_expect_eq(rig.jobs[1].attempt, rig.jobs[0].attempt);
  cr_expect_neq(rig.jobs[1].job, rig.jobs[0].job);
  cr_expect(cur_names(folder).empty(), "and it is delivered");
  cr_expect(rig.notices.empty() && rig.broke.empty());
}

// Deliver has not read the configuration that we have: at once it would say the same again.
Test(untried, what_is_stale_in_this_generation_waits) {
  const SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.silent = "y.test";
  rig.accept("a@x.test", {"b@y.test"});
  rig.start();
  rig.run();
  rig.silent.clear();
  rig.manager->on_untried(rig.jobs[0].job, Untried::stale);
  rig.run();
  cr_expect_eq(rig.jobs.size(), 1);
  rig.pass(60'000);
  cr_assert_eq(rig.jobs.size(), 2);
  cr_expect_eq(rig.jobs[1].attempt, rig.jobs[0].attempt);
  cr_expect(cur_names(folder).empty());
}

Test(untried, what_was_never_given_out_ends_the_manager) {
  const SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.start();
  rig.manager->on_untried(7, Untried::sender_left);
  cr_expect(!rig.broke.empty());
}
