// Mail that ends on this machine, and aliases of several, as the manager sees them.
#include <map>

#include "queue/manager/local_outcome.h"
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

// here.test is this machine's: `answer` says what becomes of a local part.
void make_local(QueueRig& rig, std::function<void(RouteAnswer&, const RouteQuery&)> answer) {
  const auto direct = rig.route;
  rig.route = [direct, answer = std::move(answer)](const RouteQuery& query) {
    RouteAnswer one = direct(query);
    if (query.to != "here.test") return one;
    one.ask_local = query.local.empty();
    if (!one.ask_local) answer(one, query);
    return one;
  };
}

void to_mailbox(RouteAnswer& answer, const std::string& mailbox) {
  answer.transport = "local";
  answer.type = "mbox";
  answer.destination = mailbox;
  answer.recipients = 1;
}

} // namespace

Test(local, recipient_of_this_machine_is_asked_for_by_name_and_delivered_alone) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  make_local(rig,
             [](RouteAnswer& answer, const RouteQuery& query) { to_mailbox(answer, query.local); });
  rig.accept("a@b.test", {"alice@here.test", "bob@here.test", "carol@x.test"});
  rig.start();
  rig.run();
  cr_expect(rig.mailboxes == std::vector<std::string>({"alice", "bob"}));
  cr_expect_eq(rig.jobs.size(), 3);
  cr_expect(cur_names(folder).empty());
}

Test(local, alias_of_one_address_changes_the_recipient) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  make_local(rig, [](RouteAnswer& answer, const RouteQuery&) {
    answer.to = "admin@x.test";
    answer.destination = "x.test";
  });
  rig.accept("a@b.test", {"root@here.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 1);
  cr_expect(rig.jobs[0].recipients[0].recipient.address.text() == "admin@x.test");
  cr_expect(rig.jobs[0].destination == "x.test");
}

Test(local, alias_of_several_becomes_one_message_with_all_of_them) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  std::vector<bool> expanded;
  make_local(rig, [&](RouteAnswer& answer, const RouteQuery& query) {
    expanded.push_back(query.expanded);
    if (query.local == "team") {
      answer.members = {"alice@here.test", "bob@x.test"};
    } else {
      to_mailbox(answer, query.local);
    }
  });
  const MessageId id = rig.accept("a@b.test", {"team@here.test NEVER"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.jobs.size(), 2);
  for (const Job& job : rig.jobs) {
    cr_expect(job.id == (id.text() + ".c1").c_str());
    cr_expect(job.recipients[0].recipient.notify.never(), "what was asked of the alias");
    cr_expect(job.sender.sender.text() == "a@b.test");
  }
  cr_expect(expanded == std::vector<bool>({false, true}), "a member's aliases are not looked up");
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
}

Test(local, failures_behind_a_list_are_its_owner_s_and_what_has_no_sender_gets_none) {
  for (const char* sender : {"a@b.test", ""}) {
    SpoolFolder folder;
    RealFs fs;
    QueueRig rig(fs, folder.path());
    make_local(rig, [&](RouteAnswer& answer, const RouteQuery&) {
      answer.members = {"one@x.test", "two@x.test"};
      answer.sender = "owner-list@here.test";
    });
    rig.accept(sender, {"list@here.test SUCCESS"});
    rig.start();
    rig.run();
    const bool null = *sender == '\0';
    // Beside the list's message one that says to the sender that the list got it.
    cr_assert_eq(rig.jobs.size(), null ? 1 : 2);
    cr_expect(rig.jobs[0].sender.sender.text() == (null ? "" : "owner-list@here.test"));
    for (const JobRecipient& one : rig.jobs[0].recipients)
      cr_expect(!one.recipient.notify.given, "a list's members were not asked for by the sender");
  }
}

Test(local, who_asked_to_hear_of_success_is_told_who_got_it_and_where_it_was_handed_on) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  make_local(rig, [](RouteAnswer& answer, const RouteQuery& query) {
    to_mailbox(answer, query.local);
    if (query.local != "list") return;
    answer.members = {"one@y.test"};
    answer.sender = "owner-list@here.test";
  });
  rig.deliver = [](const Job&, const JobRecipient&) {
    Outcome outcome = delivered();
    outcome.disposition = Disposition::relayed;
    return outcome;
  };
  rig.accept("a@b.test", {"alice@here.test SUCCESS", "far@x.test SUCCESS", "bob@here.test",
                          "list@here.test SUCCESS"});
  rig.start();
  rig.run();
  std::map<NoticeKind, std::vector<std::string>> told;
  for (const NoticeRequest& notice : rig.notices)
    for (const NoticeRecipient& one : notice.recipients)
      told[notice.kind].push_back(one.recipient.address.text());
  cr_expect(told[NoticeKind::success] ==
            std::vector<std::string>({"alice@here.test", "list@here.test"}));
  cr_expect(told[NoticeKind::relayed] == std::vector<std::string>({"far@x.test"}));
  cr_expect_eq(rig.notices.size(), 2);
  cr_expect(cur_names(folder).empty() && folder.names("/new").empty());
}

Test(local, message_that_was_delivered_there_before_fails_as_a_loop) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  std::vector<std::string> members{"team@here.test", "x@x.test"};
  make_local(rig, [&](RouteAnswer& answer, const RouteQuery&) { answer.members = members; });
  rig.accept("a@b.test", {"team@here.test"});
  rig.start();
  rig.run();
  // The child comes back to the alias that made it, whatever the route program says of it.
  cr_assert_eq(rig.notices.size(), 1);
  cr_expect(rig.notices[0].recipients[0].outcome.status == EnhancedCode({5, 4, 6}));
  cr_expect(cur_names(folder).empty());
}

Test(local, refusal_by_name_has_its_own_words_and_class) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  make_local(rig, [](RouteAnswer& answer, const RouteQuery& query) {
    answer.transport = "local";
    answer.type = "fail";
    answer.code = 550;
    answer.klass = FailureClass::mailbox;
    answer.text = "5.1.1 no " + query.local;
  });
  rig.accept("a@b.test", {"one@here.test", "two@here.test"});
  rig.start();
  rig.run();
  cr_assert_eq(rig.notices.size(), 1);
  cr_assert_eq(rig.notices[0].recipients.size(), 2);
  for (const NoticeRecipient& one : rig.notices[0].recipients) {
    cr_expect(one.outcome.klass == FailureClass::mailbox);
    cr_expect(one.outcome.status == EnhancedCode({5, 1, 1}));
    const std::string local(one.recipient.address.local());
    cr_expect(one.outcome.reply.ends_with(local), "%s", one.outcome.reply.c_str());
  }
}

Test(local, at_most_so_many_run_at_once_and_what_waits_is_given_back_when_the_queue_drains) {
  SpoolFolder folder;
  RealFs fs;
  QueueRig rig(fs, folder.path());
  make_local(rig,
             [](RouteAnswer& answer, const RouteQuery& query) { to_mailbox(answer, query.local); });
  std::vector<std::string> crowd;
  for (int i = 0; i < 40; ++i)
    crowd.push_back("user" + std::to_string(i) + "@here.test");
  std::size_t most = 0;
  std::size_t done = 0;
  rig.local = [&](const Job&) {
    most = std::max(most, rig.mailboxes.size() - done);
    ++done;
    return LocalResult();
  };
  rig.accept("a@b.test", crowd);
  rig.start();
  rig.run();
  cr_expect_eq(rig.mailboxes.size(), 40);
  cr_expect_eq(most, kLocalPlaces);
}

Test(local, exit_status_means_what_sysexits_and_qmail_say) {
  struct Row {
    int exit;
    const char* text;
    Disposition disposition;
    const char* status;
  };
  for (const Row& row :
       {Row{0, "", Disposition::delivered, "2.0.0"}, Row{99, "", Disposition::delivered, "2.0.0"},
        Row{0, "250 2.1.5 Saved", Disposition::delivered, "2.1.5"},
        Row{64, "", Disposition::failed, "5.3.0"}, Row{65, "", Disposition::failed, "5.6.0"},
        Row{67, "", Disposition::failed, "5.1.1"},
        Row{69, "550 5.2.2 full", Disposition::failed, "5.2.2"},
        Row{71, "", Disposition::deferred, "4.3.0"}, Row{75, "", Disposition::deferred, "4.3.0"},
        Row{75, "452 4.2.2 full", Disposition::deferred, "4.2.2"},
        Row{77, "", Disposition::failed, "5.7.0"},
        Row{100, "go away", Disposition::failed, "5.3.0"},
        Row{111, "later", Disposition::deferred, "4.3.0"},
        Row{127, "", Disposition::deferred, "4.3.0"}, Row{1, "", Disposition::deferred, "4.3.0"}}) {
    LocalResult result;
    result.number = row.exit;
    result.text = row.text;
    const Outcome outcome = queue::local_outcome(result, "pipe");
    cr_expect(outcome.disposition == row.disposition, "exit %d", row.exit);
    cr_expect(outcome.status.text() == row.status, "exit %d", row.exit);
    cr_expect(!outcome.reply.empty());
  }
  LocalResult killed;
  killed.kind = LocalResult::Kind::killed;
  killed.number = 9;
  cr_expect(queue::local_outcome(killed, "pipe").disposition == Disposition::deferred);
  LocalResult unknown;
  unknown.kind = LocalResult::Kind::unknown;
  unknown.text = "no user x on this machine";
  const Outcome nobody = queue::local_outcome(unknown, "mbox");
  cr_expect(nobody.disposition == Disposition::failed && nobody.klass == FailureClass::mailbox);
}
