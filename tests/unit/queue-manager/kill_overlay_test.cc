// kill -9 of the manager at every system call while a message gets its overlays: whatever is on the
// disk then, every attempt from the first to the last carries the same bytes.
#include <algorithm>
#include <set>

#include "lib/sys/text.h"
#include "tests/unit/queue-manager/kill_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// No two signatures are alike, as none is that is made at another time.
OverlayAnswer another_overlay() {
  static int made = 0;
  OverlayAnswer answer;
  answer.sender = "me@home.test";
  answer.skip = 10;
  answer.headers = "Subject: new\r\n";
  answer.signature =
      "DKIM-Signature: " + std::to_string(::getpid()) + "/" + std::to_string(++made) + "\r\n";
  return answer;
}

// Put off twice, then delivered.
void live(Fs& fs, const SpoolFolder& folder, bool fresh) {
  QueueRig rig(fs, folder.path());
  rig.domains = {{"home.test", {}, {"s"}}};
  rig.overlay = [](const OverlayRequest&) { return another_overlay(); };
  rig.deliver = [&](const Job& job, const JobRecipient&) {
    std::string bytes = job.headers + job.signature + job.sender.sender.text();
    std::ranges::replace(bytes, '\n', ' ');
    note(folder, "tried " + bytes);
    if (job.attempt < 3) return deferred();
    note(folder, "delivered");
    return delivered();
  };
  if (fresh) {
    RealFs real;
    QueueRig(real, folder.path()).accept("root@host.test", {"x@one.test"});
  }
  rig.start();
  rig.pass(2'000'000);
  cr_assert(rig.broke.empty(), "%s", rig.broke.c_str());
}

} // namespace

Test(kill_overlay, at_every_call_all_attempts_carry_the_same_bytes) {
  int at = 1;
  for (bool killed = true; killed; ++at) {
    SpoolFolder folder;
    const int code = apart([&] {
      KillFs fs(folder, at);
      live(fs, folder, true);
    });
    cr_assert(code == 0 || code == kKilled, "call %d: exit %d", at, code);
    killed = code == kKilled;
    const int after = apart([&] {
      KillFs fs(folder, -1);
      live(fs, folder, false);
    });
    cr_assert_eq(after, 0, "after call %d: exit %d", at, after);
    const std::string ledger = folder.read("/ledger");
    std::set<std::string_view> forms;
    for (const std::string_view line : split(ledger, '\n'))
      if (line.starts_with("tried ")) forms.insert(line);
    cr_expect_eq(forms.size(), 1U, "call %d\n%s", at, ledger.c_str());
    cr_expect(ledger.contains("delivered\n"), "call %d: lost\n%s", at, ledger.c_str());
    cr_expect(cur_names(folder).empty() && folder.names("/bad").empty(), "call %d: left over", at);
  }
  cr_expect(at > 10, "only %d calls were tried", at);
}
