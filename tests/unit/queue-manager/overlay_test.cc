// How a message shall leave: asked before anything is tried, kept before it is used, the same at
// every attempt once it is signed.
#include "tests/unit/queue-manager/queue_rig.h"

using namespace waypost;
using namespace waypost::test;

namespace {

constexpr const char* kSignature = "DKIM-Signature: v=1\r\n";

OverlayAnswer whole() {
  OverlayAnswer answer;
  answer.sender = "me@home.test";
  answer.skip = 10;
  answer.headers = "Subject: new\r\n";
  answer.signature = kSignature;
  return answer;
}

// A rig whose messages from root@host are rewritten and signed.
struct Scene {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};
  MessageId id;

  explicit Scene(const std::vector<std::string>& recipients = {"x@one.test"})
      : id(rig.accept("root@host.test", recipients)) {
    rig.domains = {{"home.test", {}, {"s"}}};
    rig.settings.generation = 17;
    rig.overlay = [](const OverlayRequest&) { return whole(); };
    rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
  }
};

void expect_whole(const Job& job) {
  cr_expect(job.sender.sender.text() == "me@home.test", "%s", job.sender.sender.text().c_str());
  cr_expect(job.skip == 10 && job.headers == "Subject: new\r\n" && job.signature == kSignature);
}

Transport named(const std::string& name, bool dkim) {
  Transport transport;
  transport.name = name;
  transport.dkim = dkim;
  return transport;
}

} // namespace

Test(overlay, nobody_is_asked_where_nothing_is_configured) {
  Scene scene;
  scene.rig.domains.clear();
  scene.rig.start();
  scene.rig.run();
  cr_expect_eq(scene.rig.overlays.size(), 0U);
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  cr_expect(scene.rig.jobs[0].sender.sender.text() == "root@host.test");
}

Test(overlay, is_used_and_stays_the_same_at_the_next_attempt) {
  Scene scene;
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.overlays.size(), 1U);
  const OverlayRequest& asked = scene.rig.overlays[0];
  cr_expect(asked.id == scene.id.text() && asked.sender == "root@host.test" && asked.length > 0);
  cr_expect_eq(asked.generation, scene.rig.settings.generation);
  cr_expect(scene.rig.queries.at(0).from == "home.test", "the routes go by the sender that leaves");
  scene.rig.overlay = [](const OverlayRequest&) { return OverlayAnswer(); };
  scene.rig.pass(100'000);
  cr_assert_geq(scene.rig.jobs.size(), 2U);
  cr_expect_eq(scene.rig.overlays.size(), 1U, "signed is signed");
  for (const Job& job : scene.rig.jobs)
    expect_whole(job);
}

Test(overlay, is_on_disk_before_the_attempt_that_uses_it) {
  Scene scene;
  scene.rig.silent = "one.test"; // whoever gets the job says nothing any more
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  expect_whole(scene.rig.jobs[0]);
  scene.rig.kill();
  scene.fs.crash(Crash::keep_names);
  scene.rig.silent.clear();
  scene.rig.overlay = [](const OverlayRequest&) {
    cr_assert_fail("asked again");
    return OverlayAnswer();
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 2U);
  expect_whole(scene.rig.jobs[1]);
}

Test(overlay, mail_that_cannot_be_signed_waits_unless_its_way_needs_no_signature) {
  Scene scene({"x@one.test", "y@two.test"});
  scene.rig.transports = {named("direct", true), named("ses", false)};
  scene.rig.overlay = [](const OverlayRequest&) {
    OverlayAnswer answer;
    answer.why_unsigned = "s.pem: No such file or directory";
    return answer;
  };
  const auto direct = scene.rig.route;
  scene.rig.route = [direct](const RouteQuery& query) {
    RouteAnswer answer = direct(query);
    if (query.to == "two.test") answer.transport = "ses";
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  cr_expect(scene.rig.jobs[0].transport == "ses" && scene.rig.jobs[0].signature.empty());
  const std::string story =
      scene.folder.read("/cur/" + scene.id.folder() + "/" + cur_names(scene.folder).at(0));
  cr_expect(story.contains("not tried: it cannot be signed: s.pem: No such file"));
  scene.rig.overlay = [](const OverlayRequest&) { return whole(); };
  scene.rig.pass(100'000);
  cr_assert_geq(scene.rig.jobs.size(), 2U);
  expect_whole(scene.rig.jobs.back());
}

Test(overlay, mail_that_cannot_be_rewritten_leaves_by_no_way) {
  Scene scene;
  scene.rig.transports = {named("direct", false)};
  scene.rig.overlay = [](const OverlayRequest&) {
    OverlayAnswer answer;
    answer.why_unsent = "its header is too long";
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_expect_eq(scene.rig.jobs.size(), 0U);
}

Test(overlay, no_answer_is_no_attempt) {
  Scene scene;
  int asked = 0;
  scene.rig.overlay = [&asked](const OverlayRequest&) {
    OverlayAnswer answer = whole();
    if (++asked == 1) answer.again = "the message is not all there";
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_expect_eq(scene.rig.jobs.size(), 0U);
  scene.rig.pass(30'000);
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  cr_expect_eq(scene.rig.jobs[0].attempt, 1U);
  expect_whole(scene.rig.jobs[0]);
}

Test(overlay, what_cannot_be_kept_is_not_used) {
  for (const char* call : {"write_at", "sync_data"}) {
    Scene scene;
    scene.rig.start();
    scene.fs.fail(call, 1, ENOSPC);
    scene.rig.run();
    cr_expect_eq(scene.rig.jobs.size(), 0U, "%s", call);
    scene.fs.heal();
    scene.rig.pass(30'000);
    cr_assert_eq(scene.rig.jobs.size(), 1U, "%s", call);
    expect_whole(scene.rig.jobs[0]);
  }
}

Test(overlay, a_notice_goes_to_the_sender_that_left) {
  Scene scene;
  scene.rig.deliver = [](const Job& job, const JobRecipient&) {
    return job.sender.sender.null() ? delivered() : refused();
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.notices.size(), 1U);
  cr_expect(scene.rig.notices[0].to == "me@home.test");
}

Test(overlay, a_held_message_is_not_asked_for) {
  Scene scene;
  scene.rig.start();
  queue::MessageChange hold;
  hold.verb = queue::Verb::hold;
  scene.rig.manager->change(scene.id, hold, [](const Result<queue::Changed>&) {});
  scene.rig.run();
  const std::size_t asked = scene.rig.overlays.size();
  scene.rig.pass(1'000'000);
  cr_expect_eq(scene.rig.jobs.size(), 0U);
  cr_expect_eq(scene.rig.overlays.size(), asked);
}

Test(overlay, few_messages_are_on_their_way_at_once) {
  Scene scene;
  for (int i = 0; i < 50; ++i)
    scene.rig.accept("root@host.test", {"x@one.test"});
  scene.rig.start();
  scene.rig.run();
  cr_expect_eq(scene.rig.overlays.size(), 51U);
  cr_expect_eq(scene.rig.most_overlays, kOverlayPlaces);
  cr_expect_eq(scene.rig.jobs.size(), 51U);
}

Test(overlay, one_that_says_less_than_the_last_undoes_it) {
  Scene scene;
  scene.rig.overlay = [](const OverlayRequest&) {
    OverlayAnswer answer = whole();
    answer.signature.clear();
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  cr_expect(scene.rig.jobs[0].sender.sender.text() == "me@home.test");
  scene.rig.overlay = [](const OverlayRequest& request) {
    cr_expect(request.sender == "root@host.test", "as it was handed in");
    OverlayAnswer answer;
    answer.signature = kSignature; // of the message as it was
    return answer;
  };
  scene.rig.pass(100'000);
  cr_assert_geq(scene.rig.jobs.size(), 2U);
  for (std::size_t i = 1; i < scene.rig.jobs.size(); ++i) {
    const Job& job = scene.rig.jobs[i];
    cr_expect(job.sender.sender.text() == "root@host.test" && job.skip == 0 && job.headers.empty());
    cr_expect(job.signature == kSignature);
  }
  scene.rig.kill();
  scene.rig.start();
  scene.rig.pass(1'000'000);
  const Job& last = scene.rig.jobs.back();
  cr_expect(last.sender.sender.text() == "root@host.test" && last.skip == 0,
            "and so it is on disk");
  cr_expect(last.signature == kSignature);
}

Test(overlay, the_same_answer_is_not_written_twice) {
  Scene scene;
  scene.rig.overlay = [](const OverlayRequest&) {
    OverlayAnswer answer = whole();
    answer.signature.clear();
    return answer;
  };
  scene.rig.start();
  scene.rig.pass(1'000'000);
  cr_assert_geq(scene.rig.overlays.size(), 3U);
  const std::string file =
      scene.folder.read("/cur/" + scene.id.folder() + "/" + cur_names(scene.folder).at(0));
  cr_expect_eq(file.find("part=sender"), file.rfind("part=sender"));
  cr_expect_eq(file.find("part=headers"), file.rfind("part=headers"));
  cr_expect(file.contains("part=sender") && file.contains("part=headers"));
}

Test(overlay, the_null_sender_stays_null) {
  Scene scene;
  const MessageId notice = scene.rig.accept("", {"x@one.test"});
  scene.rig.start();
  scene.rig.run();
  for (const Job& job : scene.rig.jobs)
    cr_expect(job.sender.sender.null() == (job.id == notice.text()));
}

Test(overlay, that_replaces_more_than_there_is_breaks_the_channel) {
  Scene scene;
  scene.rig.overlay = [](const OverlayRequest& request) {
    OverlayAnswer answer = whole();
    answer.skip = request.length + 1;
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_expect(scene.rig.broke.contains("overlay"), "%s", scene.rig.broke.c_str());
  cr_expect_eq(scene.rig.jobs.size(), 0U);
}

// The flush failed, or whoever wrote it died before that: it is in memory alone.
Test(overlay, that_was_never_flushed_is_flushed_before_it_is_used) {
  Scene scene;
  scene.rig.silent = "one.test";
  scene.rig.start();
  scene.fs.fail("sync_data", 1, EIO);
  scene.rig.run();
  cr_expect_eq(scene.rig.jobs.size(), 0U);
  scene.fs.heal();
  scene.rig.pass(30'000);
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  scene.rig.kill();
  scene.fs.crash(Crash::keep_names);
  scene.rig.silent.clear();
  scene.rig.overlay = [](const OverlayRequest&) {
    cr_assert_fail("asked again");
    return OverlayAnswer();
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 2U);
  expect_whole(scene.rig.jobs[1]);
}

Test(overlay, eight_bits_in_a_rewritten_header_are_told) {
  Scene scene;
  scene.rig.overlay = [](const OverlayRequest&) {
    OverlayAnswer answer = whole();
    answer.headers = "Subject: \xc3\xa4\r\n";
    return answer;
  };
  scene.rig.start();
  scene.rig.run();
  cr_assert_eq(scene.rig.jobs.size(), 1U);
  cr_expect(scene.rig.jobs[0].eight_bit);
}
