// Answers of a queue manager for the tests of this room.
#pragma once

#include <string>
#include <string_view>

#include "lib/mail/history.h"
#include "lib/mail/record.h"

namespace waypost::queue::testing {

inline constexpr WallUs kArrived = 1'700'000'000'000'000; // 2023-11-14T22:13:20Z

inline Record message(std::uint32_t first = 0, std::uint32_t count = 1) {
  Record record;
  record.add("type", "message").add("id", "0123456789abcdef");
  record.add_number("arrived", kArrived).add_number("size", 1234);
  record.add("sender", "alice@example.org").add("account", "alice").add_number("uid", 1000);
  record.add_number("recipients", first + count);
  for (std::uint32_t i = first; i < first + count; ++i) {
    record.add_number("rcpt", i).add("to", "user" + std::to_string(i) + "@example.net");
    record.add("state", "pending").add("attempts", "2");
    record.add_number("next", kArrived + 600'000'000).add("transport", "direct");
    record.add("class", "greylisted").add("reply", "4.7.1 later\nplease");
    record.add("classes", "greylisted,rate").add("refused", "relay");
  }
  return record;
}

inline Record history(const HistoryEntry& entry) {
  const Record fields = to_record(entry);
  Record record;
  record.add("type", "history");
  for (std::size_t i = 0; i < fields.size(); ++i)
    record.add(fields.field(i).key, fields.field(i).value);
  return record;
}

inline HistoryEntry attempt() {
  HistoryEntry entry;
  entry.time = kArrived + 1'000'000;
  entry.attempt = 1;
  entry.transport = "direct";
  entry.rule = "default";
  entry.transaction.host = "mx.example.net";
  entry.transaction.address = "192.0.2.25";
  entry.transaction.tls = "TLSv1.3 unverified";
  entry.transaction.steps = {"mx2.example.net [192.0.2.26]: connection refused"};
  RecipientGroup group;
  group.recipients.add(0);
  group.outcome.disposition = Disposition::deferred;
  group.outcome.klass = FailureClass::greylisted;
  group.outcome.code = 451;
  group.outcome.status = {4, 7, 1};
  group.outcome.reply = "4.7.1 later\nplease";
  entry.transaction.groups.push_back(std::move(group));
  return entry;
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace waypost::queue::testing
