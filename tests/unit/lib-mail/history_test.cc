#include <criterion/criterion.h>

#include <string>
#include <vector>

#include "lib/mail/history.h"

using namespace waypost;

namespace {

HistoryEntry attempt() {
  HistoryEntry entry;
  entry.kind = HistoryKind::attempt;
  entry.time = 1763765333123456;
  entry.attempt = 3;
  entry.transport = "relay";
  entry.rule = "waypost.toml:41";
  entry.transaction.host = "mx.example.net";
  entry.transaction.address = "192.0.2.1";
  entry.transaction.tls = "TLSv1.3";
  entry.transaction.steps = {"mx1.example.net [192.0.2.2]: connection refused", "mx2: timed out"};
  Outcome refused{Disposition::failed,
                  FailureClass::mailbox,
                  550,
                  {5, 1, 1},
                  "5.1.1 no such user\nsecond line",
                  true};
  Outcome dead{Disposition::deferred, FailureClass::unreachable, 0, {}, "not tried: dead", false};
  Ranges some;
  some.add(0);
  some.add(1);
  Ranges other;
  other.add(7);
  entry.transaction.groups = {{some, refused}, {other, dead}};
  return entry;
}

std::vector<HistoryEntry> one_of_each() {
  std::vector<HistoryEntry> all{attempt()};
  for (const HistoryKind kind : {HistoryKind::hold, HistoryKind::release, HistoryKind::hand,
                                 HistoryKind::requeue, HistoryKind::drop}) {
    HistoryEntry entry;
    entry.kind = kind;
    entry.time = 1;
    entry.by = "uid 0";
    if (kind == HistoryKind::hand) entry.transport = "ses";
    all.push_back(entry);
  }
  HistoryEntry notice = attempt();
  notice.kind = HistoryKind::notice;
  notice.name = "0123456789abcdef.b1";
  all.push_back(notice);
  HistoryEntry bounce = attempt();
  bounce.kind = HistoryKind::bounce;
  bounce.by = "uid 0";
  all.push_back(bounce);
  HistoryEntry overlay;
  overlay.kind = HistoryKind::overlay;
  overlay.time = 2;
  overlay.overlay = {Overlay::Part::headers, 99, std::string("From: a\\b\0c\r\n", 14)};
  all.push_back(overlay);
  return all;
}

} // namespace

Test(history, every_kind_and_back) {
  std::string bytes;
  for (const HistoryEntry& entry : one_of_each())
    bytes += frame_history(entry);
  std::string_view rest = bytes;
  for (const HistoryEntry& expected : one_of_each()) {
    const auto entry = take_history(rest);
    cr_assert(entry.has_value());
    cr_expect(*entry == expected, "kind %d", static_cast<int>(expected.kind));
  }
  cr_expect(rest.empty());
}

Test(history, a_torn_entry_ends_it_wherever_it_is_torn) {
  const std::string whole = frame_history(attempt());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string_view rest = std::string_view(whole).substr(0, length);
    const std::string_view before = rest;
    cr_expect_not(take_history(rest).has_value(), "%zu bytes", length);
    cr_expect(rest == before);
  }
}

Test(history, a_changed_byte_ends_it) {
  const std::string whole = frame_history(attempt());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    std::string_view rest = damaged;
    cr_expect_not(take_history(rest).has_value(), "byte %zu", i);
  }
}

Test(transaction, long_replies_are_cut_so_that_the_record_fits_its_frames) {
  HistoryEntry entry;
  for (std::uint32_t n = 0; n < 1000; ++n) {
    RecipientGroup group;
    group.recipients.add(n);
    group.outcome.reply = std::to_string(n) + std::string(64 << 10, 'r');
    entry.transaction.groups.push_back(std::move(group));
  }
  const std::string bytes = to_record(entry).encode();
  cr_expect_lt(bytes.size(), kMaxHistoryPayload);
  const auto record = Record::decode(bytes);
  cr_assert(record.has_value());
  const auto got = history_entry(*record);
  cr_assert(got.has_value());
  cr_expect_eq(got->transaction.groups.size(), 1000u);
  cr_expect(got->transaction.groups.back().outcome.reply.starts_with("999rrr"));
  entry.transaction.groups.resize(30);
  const auto whole = history_entry(*Record::decode(to_record(entry).encode()));
  cr_assert(whole.has_value());
  cr_expect(whole->transaction == entry.transaction, "a few are kept whole");
}
