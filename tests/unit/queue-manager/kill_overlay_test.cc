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

void all_attempts_are_alike(const Remains& left) {
  std::set<std::string_view> forms;
  for (const std::string_view line : split(left.ledger, '\n'))
    if (line.starts_with("tried ")) forms.insert(line);
  const char* const ledger = left.ledger.c_str();
  cr_expect_eq(forms.size(), 1U, "call %d\n%s", left.at, ledger);
  cr_expect(left.ledger.contains("delivered\n"), "call %d: lost\n%s", left.at, ledger);
  cr_expect(cur_names(left.folder).empty() && left.folder.names("/bad").empty(),
            "call %d: left over", left.at);
}

} // namespace

Test(kill_overlay, at_every_call_all_attempts_carry_the_same_bytes) {
  const int tried = kill_at_every_call(live, all_attempts_are_alike);
  cr_expect(tried >= 10, "only %d calls were tried", tried);
}
