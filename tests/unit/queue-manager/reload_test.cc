// A new configuration, while mail waits.

#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

Transport direct(std::uint32_t rate, std::uint32_t period_s) {
  Transport transport;
  transport.name = "direct";
  transport.rate = rate;
  transport.rate_period_s = period_s;
  return transport;
}

} // namespace

Test(reload, a_higher_rate_lets_go_at_once_what_waits_for_the_lower_one) {
  const SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  rig.transports = {direct(1, 3600)};
  for (int n = 0; n < 3; ++n)
    rig.accept("a@x.test", {"b@y.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 1, "one an hour");

  Snapshot snapshot;
  snapshot.settings = rig.settings;
  snapshot.settings.generation = rig.settings.generation = 2;
  snapshot.transports = {direct(100, 1)};
  rig.manager->reload(std::move(snapshot));
  rig.run();
  cr_expect_eq(rig.jobs.size(), 3, "nothing but the reload has happened");
}
