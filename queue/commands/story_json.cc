// Story, as waypost-why --json prints it: waypost-why(1) lists the keys.
#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "queue/commands/overlay_words.h"
#include "queue/commands/story.h"
#include "queue/commands/words.h"

namespace waypost::queue {
namespace {

void add_transaction(JsonObject& object, const HistoryEntry& entry) {
  const Transaction& transaction = entry.transaction;
  object.some_text("transport", entry.transport).some_text("rule", entry.rule);
  object.some_text("host", transaction.host).some_text("address", transaction.address);
  object.some_text("tls", transaction.tls);
}

void add_outcome(JsonObject& object, const Outcome& outcome) {
  object.text("outcome", name(outcome.disposition));
  if (outcome.code > 0) object.number("code", static_cast<std::uint64_t>(outcome.code));
  if (outcome.code <= 0) object.null("code");
  object.some_text("enhanced", outcome.status.text()).some_text("reply", outcome.reply);
  object.some_text("class", name(outcome.klass)).boolean("tried", outcome.tried);
}

void add_no_outcome(JsonObject& object) {
  for (const char* key : {"outcome", "code", "enhanced", "reply", "class"})
    object.null(key);
}

JsonObject begun(const HistoryEntry& entry) {
  JsonObject object;
  object.text("time", rfc3339_date(entry.time)).text("kind", kind_word(entry.kind));
  return object;
}

void finish_entry(JsonObject& object, const HistoryEntry& entry) {
  if (!entry.name.empty()) object.text("name", entry.name);
  if (!entry.by.empty()) object.text("by", entry.by);
  if (entry.kind == HistoryKind::overlay) {
    object.text("part", part_word(entry.overlay.part));
    object.text("words", overlay_words(entry.overlay));
  }
  if (entry.transaction.steps.empty()) return;
  JsonArray steps;
  for (const std::string& step : entry.transaction.steps)
    steps.add(json_string(step));
  object.raw("steps", steps.str());
}

} // namespace

void Story::json(const std::function<void(const std::string&)>& line) const {
  for (const HistoryEntry& entry : history_) {
    const auto emit = [&](const std::string* recipient, const Outcome* outcome) {
      JsonObject object = begun(entry);
      if (recipient != nullptr) object.text("recipient", *recipient);
      if (recipient == nullptr) object.null("recipient");
      if (entry.attempt != 0) object.number("attempt", entry.attempt);
      if (entry.attempt == 0) object.null("attempt");
      add_transaction(object, entry);
      if (outcome != nullptr) add_outcome(object, *outcome);
      if (outcome == nullptr) add_no_outcome(object);
      finish_entry(object, entry);
      line(object.str());
    };
    if (row_.recipients.empty()) continue;
    const bool decided = entry.kind == HistoryKind::attempt || entry.kind == HistoryKind::bounce;
    if (entry.transaction.groups.empty()) emit(nullptr, nullptr);
    for (const RecipientGroup& group : entry.transaction.groups) {
      for (const Ranges::Range& range : group.recipients.ranges()) {
        const std::uint64_t end = std::min<std::uint64_t>(range.last, row_.recipients.size() - 1);
        for (std::uint64_t number = range.first; number <= end; ++number) {
          const std::string recipient = address(static_cast<std::uint32_t>(number));
          emit(&recipient, decided ? &group.outcome : nullptr);
        }
      }
    }
  }
}

} // namespace waypost::queue
