// Story, as a person reads it: what happened so far. story_outlook.cc goes on.
#include <algorithm>

#include "lib/mail/date.h"
#include "lib/sys/text.h"
#include "queue/commands/list_output.h"
#include "queue/commands/overlay_words.h"
#include "queue/commands/story.h"
#include "queue/commands/story_lines.h"
#include "queue/commands/words.h"

namespace waypost::queue {
namespace {

constexpr std::uint64_t kAddressesShown = 3;

std::string_view outcome_words(Disposition disposition) {
  switch (disposition) {
  case Disposition::delivered: return "delivered";
  case Disposition::deferred: return "deferred";
  case Disposition::failed: return "failed for good";
  case Disposition::moved: return "refused for good here, moved to another transport";
  case Disposition::relayed: return "delivered, to a host without delivery notices";
  case Disposition::expanded: return "became other messages";
  }
  return "";
}

// A server has spoken: the connection stood.
bool spoken(const Transaction& transaction) {
  return std::ranges::any_of(transaction.groups,
                             [](const RecipientGroup& group) { return group.outcome.code != 0; });
}

// Where the dialogue took place, and how it was protected; empty when none took place.
std::string where(const Transaction& transaction) {
  std::string text = printable(transaction.host);
  if (!transaction.address.empty())
    text += (text.empty() ? "[" : " [") + printable(transaction.address) + "]";
  if (text.empty()) return text;
  if (!transaction.tls.empty()) return text + ", " + printable(transaction.tls);
  return text + (spoken(transaction) ? ", clear text" : "");
}

void append_outcome(std::string& out, const std::string& whom, const Outcome& outcome) {
  std::string line = whom + ": ";
  // RFC 3463 3.5: delivery time expired; the reply is the last that came.
  const bool late =
      outcome.disposition == Disposition::failed && outcome.status == EnhancedCode{4, 4, 7};
  line += late ? "given up, its time is over" : outcome_words(outcome.disposition);
  const std::string_view why = class_sentence(outcome.klass, fault_of(outcome));
  if (outcome.klass != FailureClass::none) line += ", " + std::string(name(outcome.klass));
  if (!why.empty()) line += " - " + std::string(why);
  append_line(out, "    ", line);
  if (outcome.code == 0 && outcome.reply.empty()) return;
  std::string prefix = outcome.code == 0 ? "" : std::to_string(outcome.code) + ' ';
  if (!outcome.tried && !outcome.reply.starts_with("not tried")) prefix = "not tried: " + prefix;
  for (const std::string_view reply : split(outcome.reply, '\n')) {
    append_line(out, "        ", prefix + printable(reply));
    prefix.clear();
  }
}

std::string happened(const HistoryEntry& entry) {
  const std::string by = entry.by.empty() ? "" : " by " + printable(entry.by);
  switch (entry.kind) {
  case HistoryKind::attempt:
    return "attempt " + std::to_string(entry.attempt) + " by " +
           by_route(entry.transport, entry.rule);
  case HistoryKind::hold: return "held" + by;
  case HistoryKind::release: return "released" + by;
  case HistoryKind::hand:
    return entry.transport.empty() ? "the choice of transport was given back to the routes" + by
                                   : "transport set to " + printable(entry.transport) + by;
  case HistoryKind::requeue: return "attempts and routes begin anew" + by;
  case HistoryKind::notice: return "told the sender: notice " + printable(entry.name);
  case HistoryKind::overlay: return overlay_words(entry.overlay);
  case HistoryKind::bounce: return "failed" + by;
  case HistoryKind::drop: return "dropped" + by;
  }
  return {};
}

} // namespace

std::string Story::addresses(const Ranges& recipients) const {
  std::string text;
  std::uint64_t shown = 0;
  for (const Ranges::Range& range : recipients.ranges()) {
    for (std::uint64_t n = range.first; n <= range.last && shown < kAddressesShown; ++n, ++shown)
      text += (text.empty() ? "" : ", ") + printable(address(static_cast<std::uint32_t>(n)));
  }
  if (recipients.count() > shown)
    text += " and " + std::to_string(recipients.count() - shown) + " more";
  return text;
}

void Story::append_opening(std::string& out) const {
  append_line(out, "", printable(row_.id) + " from " + shown_sender(row_.sender));
  append_line(out, "    ",
              "arrived " + rfc3339_date(row_.arrived) + " from account " + printable(row_.account) +
                  ", " + std::to_string(row_.size) + " bytes, " +
                  std::to_string(row_.recipients.size()) +
                  (row_.recipients.size() == 1 ? " recipient" : " recipients"));
  if (row_.notice == "is") append_line(out, "    ", "it is a notice about another message");
}

void Story::append_entry(std::string& out, const HistoryEntry& entry) const {
  append_line(out, "", rfc3339_date(entry.time) + "  " + happened(entry));
  for (const std::string& step : entry.transaction.steps)
    append_line(out, "    ", printable(step));
  const std::string place = where(entry.transaction);
  if (!place.empty()) append_line(out, "    ", place);
  for (const RecipientGroup& group : entry.transaction.groups) {
    const bool decided = entry.kind == HistoryKind::attempt || entry.kind == HistoryKind::bounce;
    if (decided) append_outcome(out, addresses(group.recipients), group.outcome);
    if (!decided) append_line(out, "    ", "for " + addresses(group.recipients));
  }
}

std::string Story::text(WallUs now) const {
  std::string out;
  append_opening(out);
  if (history_.empty()) append_line(out, "", "Nothing was tried yet.");
  for (const HistoryEntry& entry : history_)
    append_entry(out, entry);
  append_standing(out);
  append_future(out, now);
  append_commands(out);
  return out;
}

} // namespace waypost::queue
