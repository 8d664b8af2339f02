#include <criterion/criterion.h>

#include "queue/spool/progress.h"

using namespace waypost;
using namespace waypost::queue;

namespace {

HistoryEntry entry(std::uint32_t attempt, const char* transport, std::uint32_t first,
                   std::uint32_t last, Disposition disposition, FailureClass klass) {
  HistoryEntry one;
  one.time = 100 + attempt;
  one.attempt = attempt;
  one.transport = transport;
  one.transaction.host = "mx.test";
  one.transaction.address = "2001:db8::1";
  RecipientGroup group;
  for (std::uint32_t n = first; n <= last; ++n)
    group.recipients.add(n);
  group.outcome.disposition = disposition;
  group.outcome.klass = klass;
  one.transaction.groups.push_back(std::move(group));
  return one;
}

} // namespace

Test(progress, folds_what_concerns_the_window) {
  ProgressFold fold({2, 5, 9});
  fold.take(entry(1, "direct", 0, 5, Disposition::moved, FailureClass::blocked));
  fold.take(entry(2, "other", 5, 5, Disposition::deferred, FailureClass::greylisted));
  const RecipientProgress& two = fold.progress()[0];
  const RecipientProgress& five = fold.progress()[1];
  const RecipientProgress& nine = fold.progress()[2];
  cr_expect(two.attempts == 1 && two.moves == 1 && two.has_refused("direct"));
  cr_expect(five.attempts == 2 && five.moves == 1 && !five.has_refused("other"));
  cr_expect(five.classes == FailureClasses({FailureClass::blocked, FailureClass::greylisted}));
  cr_expect(five.prefer() == "2001:db8::1" && five.avoid().empty());
  cr_expect(nine.attempts == 0 && nine.last_time == 0);
  cr_expect_eq(fold.facts().attempts, 2u);
}

Test(progress, a_failed_connection_avoids_its_family) {
  ProgressFold fold({0});
  fold.take(entry(1, "direct", 0, 0, Disposition::deferred, FailureClass::unreachable));
  cr_expect(fold.progress()[0].avoid() == "ipv6");
  cr_expect(fold.progress()[0].prefer().empty());
}

Test(progress, a_lost_entry_does_not_turn_attempts_back) {
  ProgressFold fold({0});
  fold.take(entry(4, "direct", 0, 0, Disposition::deferred, FailureClass::other));
  cr_expect_eq(fold.progress()[0].attempts, 4u);
}

Test(progress, requeue_begins_anew_but_keeps_the_last_reply) {
  ProgressFold fold({0});
  fold.take(entry(3, "direct", 0, 0, Disposition::moved, FailureClass::blocked));
  HistoryEntry requeue;
  requeue.kind = HistoryKind::requeue;
  fold.take(requeue);
  const RecipientProgress& one = fold.progress()[0];
  cr_expect(one.attempts == 0 && one.moves == 0 && one.refused.empty() && one.classes.empty());
  cr_expect(one.last_time != 0);
}

Test(progress, message_facts) {
  ProgressFold fold({});
  const auto take = [&](HistoryKind kind, const char* transport) {
    HistoryEntry one;
    one.kind = kind;
    one.transport = transport;
    fold.take(one);
  };
  take(HistoryKind::hold, "");
  take(HistoryKind::hand, "relay");
  cr_expect(fold.facts().held && fold.facts().hand == "relay");
  take(HistoryKind::release, "");
  take(HistoryKind::hand, "");
  cr_expect(!fold.facts().held && fold.facts().hand.empty());
  HistoryEntry overlay;
  overlay.kind = HistoryKind::overlay;
  overlay.overlay = {Overlay::Part::headers, 20, "Subject: new\r\n"};
  fold.take(overlay);
  overlay.overlay = {Overlay::Part::signature, 0, "DKIM-Signature: x\r\n"};
  fold.take(overlay);
  cr_expect(fold.facts().skip == 20 && fold.facts().headers == "Subject: new\r\n" &&
            fold.facts().signature == "DKIM-Signature: x\r\n");
}

Test(progress, a_bounce_by_hand_holds_until_requeued) {
  ProgressFold fold({0, 1});
  HistoryEntry bounce = entry(0, "", 1, 1, Disposition::failed, FailureClass::other);
  bounce.kind = HistoryKind::bounce;
  fold.take(bounce);
  cr_expect(!fold.progress()[0].bounced && fold.progress()[1].bounced);
  cr_expect(fold.progress()[1].attempts == 0 && fold.progress()[1].last_time == bounce.time);
  HistoryEntry requeue;
  requeue.kind = HistoryKind::requeue;
  fold.take(requeue);
  cr_expect(!fold.progress()[1].bounced);
}

Test(progress, a_drop_is_a_fact_of_the_message) {
  ProgressFold fold({0});
  cr_expect(!fold.facts().dropped);
  HistoryEntry drop;
  drop.kind = HistoryKind::drop;
  fold.take(drop);
  cr_expect(fold.facts().dropped);
}
