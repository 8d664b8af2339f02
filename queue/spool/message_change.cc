#include "queue/spool/message_change.h"

#include "lib/sys/names.h"
#include "queue/spool/history_log.h"
#include "queue/spool/message_file.h"

namespace waypost::queue {
namespace {

constexpr Names<Verb, 6> kVerbs{{
    {Verb::hold, "hold"},
    {Verb::release, "release"},
    {Verb::kick, "kick"},
    {Verb::drop, "drop"},
    {Verb::bounce, "bounce"},
    {Verb::requeue, "requeue"},
}};

constexpr Names<Effect, 4> kEffects{{
    {Effect::changed, "changed"},
    {Effect::already, "already"},
    {Effect::held, "held"},
    {Effect::settled, "settled"},
}};

HistoryEntry decision(HistoryKind kind, const MessageChange& change, WallUs now) {
  HistoryEntry entry;
  entry.kind = kind;
  entry.time = now;
  entry.by = change.by;
  return entry;
}

ChangePlan plan_kick(const MessageChange& change, const MessageFacts& facts, WallUs now) {
  if (facts.held) return {Effect::held, After::stays, false, {}};
  ChangePlan plan{Effect::changed, After::due, false, {}};
  if (!change.hand || *change.hand == facts.hand) return plan;
  plan.entries.push_back(decision(HistoryKind::hand, change, now));
  plan.entries.back().transport = *change.hand;
  return plan;
}

ChangePlan plan_bounce(const MessageChange& change, const MessageFacts& facts,
                       const Ranges& pending, WallUs now) {
  ChangePlan plan{Effect::changed, After::due, true, {}};
  // A held message is not looked at: whoever bounces it has decided about that as well.
  if (facts.held) plan.entries.push_back(decision(HistoryKind::release, change, now));
  plan.entries.push_back(decision(HistoryKind::bounce, change, now));
  plan.entries.back().transaction.groups.push_back({pending, bounced_by_hand()});
  return plan;
}

ChangePlan plan_requeue(const MessageChange& change, const MessageFacts& facts, WallUs now) {
  ChangePlan plan{Effect::changed, facts.held ? After::stays : After::due, false, {}};
  if (!facts.hand.empty()) plan.entries.push_back(decision(HistoryKind::hand, change, now));
  plan.entries.push_back(decision(HistoryKind::requeue, change, now));
  return plan;
}

Result<MessageFacts> read_facts(MessageFile& file) {
  const Result<> marks = file.load_marks();
  if (!marks) return std::unexpected(marks.error());
  ProgressFold fold({});
  const Result<HistoryEnd> end =
      read_history(file, file.head().history_offset(), file.size(), [&](const HistoryEntry& entry) {
        fold.take(entry);
        return true;
      });
  if (!end) return std::unexpected(end.error());
  file.set_history_end(end->offset);
  return fold.facts();
}

Result<> write_down(MessageFile& file, const ChangePlan& plan) {
  for (const HistoryEntry& entry : plan.entries) {
    const Result<> written = file.append_history(entry);
    if (!written) return written;
  }
  return plan.sync ? file.sync() : Result<>();
}

// A full disk must not keep a person from making room: then the removal itself is flushed.
Result<Changed> remove_dropped(Fs& fs, int dir, const std::string& name, const Result<>& noted) {
  const bool full = !noted && (noted.error().code == ENOSPC || noted.error().code == EDQUOT);
  if (!noted && !full) return std::unexpected(noted.error());
  const Result<> gone = fs.unlink_at(dir, name);
  if (!gone && full) return std::unexpected(gone.error());
  if (!gone) return Changed{Effect::changed, After::due}; // its next turn removes it
  if (full) {
    const Result<> synced = fs.sync(dir);
    if (!synced) return std::unexpected(synced.error());
  }
  return Changed{Effect::changed, After::gone};
}

} // namespace

std::string_view name(Verb verb) {
  return word_of(kVerbs, verb);
}

std::optional<Verb> parse_verb(std::string_view word) {
  return value_of(kVerbs, word);
}

std::string_view name(Effect effect) {
  return word_of(kEffects, effect);
}

std::optional<Effect> parse_effect(std::string_view word) {
  return value_of(kEffects, word);
}

Outcome bounced_by_hand() {
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.status = {5, 0, 0};
  outcome.reply = "returned to its sender by the administrator of this host";
  outcome.tried = false;
  return outcome;
}

Ranges pending_recipients(const MessageFile& file) {
  Ranges pending;
  const std::uint32_t end = file.head().recipients;
  for (std::uint32_t n = file.find(Mark::pending, 0); n < end; n = file.find(Mark::pending, n + 1))
    pending.add(n);
  return pending;
}

ChangePlan plan_change(const MessageChange& change, const MessageFacts& facts,
                       const Ranges& pending, WallUs now) {
  ChangePlan already{Effect::already, After::stays, false, {}};
  ChangePlan settled{Effect::settled, After::stays, false, {}};
  if (facts.dropped) return {Effect::already, After::due, false, {}};
  switch (change.verb) {
  case Verb::hold:
    if (pending.empty()) return settled;
    if (facts.held) return already;
    return {Effect::changed, After::held, true, {decision(HistoryKind::hold, change, now)}};
  case Verb::release:
    if (!facts.held) return already;
    return {Effect::changed, After::due, false, {decision(HistoryKind::release, change, now)}};
  case Verb::kick: return plan_kick(change, facts, now);
  case Verb::drop:
    return {Effect::changed, After::gone, true, {decision(HistoryKind::drop, change, now)}};
  case Verb::bounce: return pending.empty() ? settled : plan_bounce(change, facts, pending, now);
  case Verb::requeue: return pending.empty() ? settled : plan_requeue(change, facts, now);
  }
  return settled;
}

Result<Changed> change_file(Fs& fs, int dir, const std::string& name, const MessageChange& change,
                            WallUs now) {
  Result<MessageFile> file = MessageFile::open(fs, dir, name);
  if (!file) return std::unexpected(file.error());
  const Result<MessageFacts> facts = read_facts(*file);
  if (!facts) return std::unexpected(facts.error());
  const ChangePlan plan = plan_change(change, *facts, pending_recipients(*file), now);
  const Result<> noted = write_down(*file, plan);
  if (plan.after == After::gone) return remove_dropped(fs, dir, name, noted);
  if (!noted) return std::unexpected(noted.error());
  return Changed{plan.effect, plan.after};
}

} // namespace waypost::queue
