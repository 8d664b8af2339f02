// Notices: who is in one, how many there are, and when they are made.
#include "tests/unit/queue-manager/queue_rig.h"

#include <set>

using namespace waypost;
using namespace waypost::test;

namespace {

// A queue in which x.test refuses, w.test defers, and notices are taken.
struct Rig {
  Rig() : rig(fs, folder.path()) {
    rig.settings.delay_notice_after_s = 0;
    rig.deliver = [](const Job& job, const JobRecipient& one) {
      if (job.sender.sender.null()) return delivered();
      return one.recipient.address.domain() == "w.test" ? deferred() : refused();
    };
  }
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig;
};

std::vector<std::string> numbered(std::size_t count, const std::string& rest) {
  std::vector<std::string> all;
  for (std::size_t n = 0; n < count; ++n)
    all.push_back(std::to_string(n) + rest);
  return all;
}

// Every recipient in the notices; fails the test when one is told of twice.
std::set<std::string> told(const QueueRig& rig) {
  std::set<std::string> all;
  for (const NoticeRequest& notice : rig.notices) {
    for (const NoticeRecipient& one : notice.recipients)
      cr_expect(all.insert(one.recipient.address.text()).second, "%s is told of twice",
                one.recipient.address.text().c_str());
  }
  return all;
}

} // namespace

// The turn would stay in memory until then.
Test(notices, of_a_pass_that_is_over_wait_for_no_alarm) {
  Rig one;
  one.rig.accept("a@b.test", {"c@x.test"});
  one.rig.start();
  one.rig.pass(100'000);
  cr_assert_eq(one.rig.notices.size(), 1u);
  cr_expect_eq(one.rig.woken_at, 0);
}

Test(notices, more_than_one_holds_go_into_a_second) {
  Rig one;
  one.rig.accept("a@b.test", numbered(kMaxNoticeRecipients + 1, "@x.test"));
  one.rig.start();
  one.rig.run();
  cr_assert_eq(one.rig.notices.size(), 2u);
  cr_expect_eq(one.rig.notices[0].recipients.size(), kMaxNoticeRecipients);
  cr_expect_eq(told(one.rig).size(), kMaxNoticeRecipients + 1);
  cr_expect(cur_names(one.folder).empty() && one.folder.names("/new").empty());
}

Test(notices, long_addresses_and_replies_stay_in_the_frame) {
  Rig one;
  const auto deny = one.rig.deliver;
  one.rig.deliver = [&](const Job& job, const JobRecipient& to) {
    Outcome outcome = deny(job, to);
    if (!job.sender.sender.null()) outcome.reply.assign(64 << 10, 'r');
    return outcome;
  };
  const std::size_t count = 9'000;
  one.rig.accept("a@b.test", numbered(count, std::string(985, 'l') + "@x.test"));
  one.rig.start();
  one.rig.run();
  cr_expect_geq(one.rig.notices.size(), 3u);
  for (const NoticeRequest& notice : one.rig.notices)
    cr_expect_lt(to_record(notice).encode().size(), kMaxNoticeFrame);
  cr_expect_eq(told(one.rig).size(), count);
}

Test(notices, a_delay_counts_those_that_it_cannot_list) {
  Rig one;
  one.rig.settings.delay_notice_after_s = 10;
  one.rig.accept("a@b.test", numbered(kMaxNoticeRecipients + 7, "@w.test"));
  one.rig.start();
  one.rig.pass(12'000);
  cr_assert_eq(one.rig.notices.size(), 1u);
  cr_expect_eq(one.rig.notices[0].recipients.size(), kMaxNoticeRecipients);
  cr_expect_eq(one.rig.notices[0].unlisted, 7u);
}

Test(notices, a_delay_is_told_when_it_is_due_and_not_at_the_next_attempt) {
  Rig one;
  one.rig.settings.retry_s = {3600};
  one.rig.settings.delay_notice_after_s = 100;
  one.rig.accept("a@b.test", {"slow@w.test"});
  one.rig.start();
  one.rig.pass(99'000);
  cr_expect(one.rig.notices.empty());
  one.rig.pass(2'000);
  cr_assert_eq(one.rig.notices.size(), 1u);
  cr_expect(one.rig.notices[0].kind == NoticeKind::delay);
  const std::size_t jobs = one.rig.jobs.size();
  cr_expect_eq(jobs, 2u, "the first attempt, and the notice");
  one.rig.pass(3'000'000);
  cr_expect_eq(one.rig.jobs.size(), jobs, "telling was no attempt, and put none off");
  one.rig.pass(600'000);
  cr_expect_eq(one.rig.jobs.size(), jobs + 1);
  cr_expect_eq(one.rig.notices.size(), 1u);
}

Test(notices, five_minutes_after_the_first_failure_the_others_are_not_waited_for) {
  Rig one;
  one.rig.silent = "silent.test";
  one.rig.accept("a@b.test", {"bob@x.test", "slow@silent.test", "carol@x.test"});
  one.rig.start();
  one.rig.pass(299'000);
  cr_expect(one.rig.notices.empty());
  one.rig.pass(2'000);
  cr_assert_eq(one.rig.notices.size(), 1u);
  const std::set<std::string> both{"bob@x.test", "carol@x.test"};
  cr_expect(told(one.rig) == both);
}

Test(notices, ret_full_is_obeyed_for_failures_of_the_sender_s_own_mail) {
  Rig one;
  one.rig.settings.delay_notice_after_s = 10;
  one.rig.ret = DsnReturn::full;
  one.rig.deliver = [](const Job& job, const JobRecipient& to) {
    const bool slow = to.recipient.address.domain() == "w.test" && !job.sender.sender.null();
    return slow ? deferred() : refused();
  };
  one.rig.accept("a@b.test", {"bob@x.test", "slow@w.test"});
  one.rig.start();
  one.rig.pass(12'000);
  bool failure_seen = false;
  for (const NoticeRequest& notice : one.rig.notices) {
    const bool own = notice.kind == NoticeKind::failure && !notice.lost;
    failure_seen |= own;
    cr_expect_eq(notice.full, own, "%s", notice.name.c_str());
    cr_expect_eq(notice.lost, notice.to == "postmaster@mx.test", "%s", notice.name.c_str());
  }
  cr_expect(failure_seen);
}
