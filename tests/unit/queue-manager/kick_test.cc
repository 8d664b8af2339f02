// A kick by hand reaches the senders with its number, so that they try for real; and dialogues that
// come with results are kept.
#include "tests/unit/queue-manager/queue_rig.h"

#include "queue/spool/message_change.h"
#include "queue/spool/transcript_ring.h"

using namespace waypost;
using namespace waypost::test;
using queue::Changed;
using queue::Verb;

namespace {

struct Kicks {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig{fs, folder.path()};

  MessageId deferred_once() {
    rig.deliver = [](const Job&, const JobRecipient&) { return deferred(); };
    const MessageId id = rig.accept("a@b.test", {"x@one.test"});
    if (rig.manager == nullptr) rig.start();
    rig.name_seen(id);
    return id;
  }
  void change(const MessageId& id, Verb verb, std::optional<std::string> hand = {}) {
    bool good = false;
    rig.manager->change(id, {verb, std::move(hand), "uid 7"},
                        [&](const Result<Changed>& done) { good = done.has_value(); });
    rig.run();
    cr_assert(good);
  }
};

} // namespace

Test(kick, gives_its_number_to_the_jobs_of_the_next_turn_only) {
  Kicks test;
  const MessageId one = test.deferred_once();
  const MessageId two = test.deferred_once();
  cr_assert_eq(test.rig.jobs.size(), 2U);
  cr_expect_eq(test.rig.jobs.back().kick, 0U, "what is due by itself");
  test.rig.manager->begin_kick();
  test.change(one, Verb::kick);
  test.change(two, Verb::kick);
  cr_assert_eq(test.rig.jobs.size(), 4U);
  cr_expect_eq(test.rig.jobs[2].kick, 1U);
  cr_expect_eq(test.rig.jobs[3].kick, 1U, "one kick of two messages");
  test.rig.manager->begin_kick();
  test.change(one, Verb::kick, "relay");
  cr_expect_eq(test.rig.jobs.back().kick, 2U, "by another transport too");
  test.rig.pass(200'000);
  cr_assert_gt(test.rig.jobs.size(), 5U);
  cr_expect_eq(test.rig.jobs.back().kick, 0U, "and the next attempt is one like any other");
}

Test(kick, of_a_held_message_is_none) {
  Kicks test;
  const MessageId one = test.deferred_once();
  test.change(one, Verb::hold);
  test.rig.manager->begin_kick();
  test.change(one, Verb::kick);
  test.change(one, Verb::release);
  test.rig.pass(200'000);
  cr_assert_gt(test.rig.jobs.size(), 1U);
  cr_expect_eq(test.rig.jobs[1].kick, 0U);
}

Test(transcripts, are_kept_of_what_was_not_delivered) {
  Kicks test;
  test.rig.transcript = "12 < 451 not now\n";
  const MessageId id = test.deferred_once();
  const Fd root(::open(test.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto kept = queue::read_transcripts(test.fs, root.get(), id.text(), ::getuid());
  cr_assert(kept && kept->size() == 1);
  const Transcript& one = kept->front();
  cr_expect_eq(one.attempt, 1U);
  cr_expect_eq(one.transport, "direct");
  cr_expect_eq(one.text, "12 < 451 not now\n");
  cr_expect_eq(one.recipients.text(), "0");
}

Test(transcripts, cost_nothing_where_all_was_delivered) {
  SpoolFolder folder;
  FaultFs fs;
  QueueRig rig(fs, folder.path());
  rig.transcript = "12 < 250 ok\n"; // a sender that tells too much
  rig.start();
  const MessageId id = rig.accept("a@b.test", {"x@one.test"});
  rig.name_seen(id);
  cr_expect_eq(rig.manager->schedule().size(), 0U);
  cr_expect(!std::filesystem::exists(folder.path() + "/transcripts"));
}

Test(transcripts, of_the_last_recipient_outlive_the_end_of_its_turn) {
  Kicks test;
  test.rig.transcript = "12 < 550 no\n";
  test.rig.deliver = [](const Job&, const JobRecipient&) { return refused(); };
  const MessageId id = test.rig.accept("a@b.test", {"x@one.test"});
  test.rig.start();
  test.rig.run();
  cr_expect_str_empty(test.rig.broke.c_str());
  const Fd root(::open(test.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto kept = queue::read_transcripts(test.fs, root.get(), id.text(), ::getuid());
  cr_expect(kept && kept->size() == 1);
}
