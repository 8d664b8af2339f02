#include "queue/manager/outlook.h"

#include <algorithm>

#include "queue/manager/settlement.h"

namespace waypost::queue {
namespace {

constexpr std::size_t kMostLater = 12;

WallUs aged(const MessageView& view, std::uint64_t seconds) {
  return view.head().arrival_us + static_cast<WallUs>(seconds) * 1'000'000;
}

// As the turn decides it; an address that wants no notice of delay is not looked at here.
bool delay_notice_comes(const MessageView& view, const Settings& settings) {
  const bool made = std::ranges::any_of(
      view.facts().notices, [](const MadeNotice& notice) { return notice.name.ends_with(".d"); });
  return settings.delay_notice_after_s != 0 && !view.sender().sender.null() && !made;
}

} // namespace

Record outlook_record(const MessageView& view, const Snapshot& snapshot) {
  const Settings& settings = snapshot.settings;
  Record record;
  record.add("type", "outlook");
  if (settings.expire_after_s != 0)
    record.add_number("expires", static_cast<std::uint64_t>(aged(view, settings.expire_after_s)));
  if (delay_notice_comes(view, settings))
    record.add_number("delay",
                      static_cast<std::uint64_t>(aged(view, settings.delay_notice_after_s)));
  record.add_some("hand", view.facts().hand);
  // Ways out: a mailbox of this machine is none for mail that waits to leave it.
  for (const Transport& one : snapshot.transports)
    if (!is_local(one.type)) record.add("transport", one.name);
  return record;
}

std::vector<LaterAttempt> later_attempts(const MessageView& view, const Settings& settings,
                                         std::uint32_t attempt, WallUs due) {
  std::vector<LaterAttempt> all;
  const WallUs end = aged(view, settings.expire_after_s);
  while (all.size() < kMostLater) {
    due += wait_ms(settings, attempt) * 1'000;
    ++attempt;
    all.push_back({attempt, due});
    if (due >= end) break; // the last one: it fails when it is deferred
  }
  return all;
}

} // namespace waypost::queue
