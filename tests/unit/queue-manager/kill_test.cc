// kill -9 of the manager at every system call of a message's life: whatever is on disk then, the
// next manager delivers what is pending and makes the notices that are owed, and the message that
// an alias becomes, each once; and of an alias and a list who was asked to tell of a success tells.
#include "lib/sys/text.h"
#include "tests/unit/queue-manager/kill_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// good@ is delivered, bad@ refused, moved@ refused by direct and delivered by the relay.
void live(Fs& fs, const SpoolFolder& folder, bool fresh) {
  QueueRig rig(fs, folder.path());
  rig.settings.delay_notice_after_s = 50; // slow@ has had its first attempt, and waits for 60 s
  const auto direct = rig.route;
  rig.route = [&](const RouteQuery& query) {
    RouteAnswer answer = direct(query);
    if (query.to == "here.test" && query.local.empty()) answer.ask_local = true;
    if (query.local == "team") answer.members = {"one@x.test", "two@y.test"};
    if (query.local == "list") {
      answer.members = {"three@x.test"};
      answer.sender = "owner-list@far.test";
    }
    if (query.classes.has(FailureClass::blocked)) answer.transport = "relay";
    return answer;
  };
  rig.deliver = [&](const Job& job, const JobRecipient& one) {
    const std::string to = one.recipient.address.text();
    if (job.sender.sender.null()) {
      note(folder, "notice " + job.id);
      return delivered();
    }
    if (to.starts_with("bad")) return refused();
    if (to.starts_with("moved") && job.transport == "direct") return refused(FailureClass::blocked);
    if (to.starts_with("slow") && job.attempt < 3) return deferred();
    note(folder, "to " + to);
    return delivered();
  };
  rig.bounce = [&](const NoticeRequest& notice) {
    if (notice.kind == NoticeKind::success)
      for (const NoticeRecipient& one : notice.recipients)
        note(folder, "told of " + one.recipient.address.text() + ": " + one.outcome.reply);
    return Result<std::string>("Subject: notice\r\n\r\n");
  };
  if (fresh) {
    RealFs real;
    QueueRig writer(real, folder.path());
    writer.accept("a@b.test", {"good@x.test", "bad@x.test", "moved@y.test", "slow@z.test",
                               "bad2@w.test", "team@here.test SUCCESS", "list@here.test SUCCESS"});
  }
  rig.start();
  rig.pass(2'000'000);
  cr_assert(rig.broke.empty(), "%s", rig.broke.c_str());
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

// Notices with this suffix that were created.
int count_made(const std::string& ledger, const std::string& suffix) {
  int n = 0;
  for (const std::string_view line : split(ledger, '\n'))
    n += line.starts_with("created ") && line.ends_with(suffix) ? 1 : 0;
  return n;
}

void nothing_is_lost(const Remains& left) {
  const char* const ledger = left.ledger.c_str();
  for (const char* to : {"to good@x.test\n", "to moved@y.test\n", "to slow@z.test\n",
                         "to one@x.test\n", "to two@y.test\n", "to three@x.test\n"})
    cr_expect(count(left.ledger, to) >= 1, "call %d: %s lost\n%s", left.at, to, ledger);
  cr_expect(cur_names(left.folder).empty() && left.folder.names("/new").empty(),
            "call %d: left over", left.at);
  cr_expect(left.folder.names("/bad").empty(), "call %d: set aside", left.at);
}

// A notice may be carried twice, but is only made once; that of the delay is left out when the
// next manager finds nobody waiting any more.
void each_is_reported_once(const Remains& left) {
  const char* const ledger = left.ledger.c_str();
  const int delays = count_made(left.ledger, ".d");
  for (const char* const suffix : {".c6", ".c7", ".s1"})
    cr_expect_eq(count_made(left.ledger, suffix), 1, "call %d\n%s", left.at, ledger);
  cr_expect(count(left.ledger, "told of list@here.test: became message ") >= 1 &&
                count(left.ledger, "told of team@") == 0,
            "call %d\n%s", left.at, ledger);
  cr_expect_eq(count_made(left.ledger, ".b1"), 1, "call %d\n%s", left.at, ledger);
  cr_expect(left.killed ? delays <= 1 : delays == 1, "call %d\n%s", left.at, ledger);
  const int carried = count(left.ledger, "notice ");
  const int notices = 2 + delays;
  cr_expect(count(left.ledger, "created ") == 2 + notices && carried >= notices &&
                carried <= 2 * notices,
            "call %d: notices\n%s", left.at, ledger);
}

} // namespace

Test(kill, at_every_call_nothing_is_lost_and_each_recipient_reported_once, .timeout = 300) {
  const int tried = kill_at_every_call(live, [](const Remains& left) {
    nothing_is_lost(left);
    each_is_reported_once(left);
  });
  cr_expect(tried >= 20, "only %d calls were tried", tried);
}
