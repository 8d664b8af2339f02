// What commands do to messages. A message whose turn runs is its turn's (turn_change.cc); any other
// is changed in its file on a work thread, while its entry is marked active so that no turn begins.
#include "queue/manager/manager.h"

#include "lib/sys/log.h"

namespace waypost::queue {
namespace {

constexpr BootMs kBusyWait = 10; // another command is at the same message

void log_change(const MessageId& id, const MessageChange& change, const Result<Changed>& done) {
  if (done && done->effect != Effect::changed) return;
  Log line(name(change.verb));
  line.id(id.text()).add("by", change.by);
  if (change.hand) line.add("transport", *change.hand);
  if (done) return line.info();
  line.add("failed", done.error().text).error();
}

} // namespace

void Manager::change(const MessageId& id, const MessageChange& change, Turn::Decided then) {
  QueueEntry* entry = schedule_.find(id);
  if (entry == nullptr) return then(fail_errno("the message has gone", ENOENT));
  if (entry->in_new)
    return then(fail_errno("a notice that its message has not noted yet: try again", EBUSY));
  const auto again = [this, id, change, then](BootMs wait) {
    later(wait, [this, id, change, then] { this->change(id, change, then); });
  };
  const auto at = turns_.find(id.text());
  if (at != turns_.end()) {
    // By another transport it goes in a turn that follows; else it is being tried.
    if (change.verb == Verb::kick && change.hand) entry->kicked = true;
    return at->second.turn->change(change, [id, change, then, again](const Result<Changed>& done) {
      if (!done && done.error().code == EAGAIN) return again(0);
      log_change(id, change, done);
      then(done);
    });
  }
  if (entry->active) return again(kBusyWait);
  if (change.verb == Verb::kick && !change.hand) return kick(id, *entry, change, then);
  change_apart(id, *entry, change, std::move(then));
}

// Nothing to write down: the name in the folder says when.
void Manager::kick(const MessageId& id, QueueEntry& entry, const MessageChange& change,
                   const Turn::Decided& then) {
  const bool held = entry.name_next == QueueEntry::kHeld;
  const Changed done{held ? Effect::held : Effect::changed, held ? After::stays : After::due};
  if (!held) due_now(id, entry);
  entry.kicked = !held;
  log_change(id, change, done);
  then(done);
  run();
}

void Manager::change_apart(const MessageId& id, QueueEntry& entry, const MessageChange& change,
                           Turn::Decided then) {
  const bool waits = entry.name_next != QueueEntry::kHeld || entry.heap_at != QueueEntry::kNowhere;
  schedule_.unset_due(id);
  entry.active = true;
  schedule_.recount(entry);
  const auto result = std::make_shared<Result<Changed>>();
  work([this, dir = dirs_.cur(id), name = cur_name(id, entry.next()), change, now = time_.now(),
        result] { *result = change_file(fs_, dir, name, change, now); },
       [this, id, change, waits, result, then = std::move(then)] {
         log_change(id, change, *result);
         const After after = *result ? (*result)->after : After::stays;
         if (change.verb == Verb::kick) schedule_.find(id)->kicked = after == After::due;
         schedule_changed(id, after, waits);
         then(*result);
       });
}

void Manager::schedule_changed(const MessageId& id, After after, bool waits) {
  QueueEntry& entry = *schedule_.find(id);
  entry.active = false;
  schedule_.recount(entry);
  switch (after) {
  case After::stays:
    if (waits) schedule_.set_due(id, entry.due);
    break;
  case After::held: rename(id, entry, std::nullopt); break;
  case After::due: due_now(id, entry); break;
  case After::gone:
    figures_.removed();
    schedule_.erase(id);
    release_parked(id);
    break;
  }
}

// A full turn, also of recipients that have just had theirs.
void Manager::due_now(const MessageId& id, QueueEntry& entry) {
  entry.full_due = time_.boot();
  entry.requeries = 0;
  rename(id, entry, time_.now() / 1'000'000);
  schedule_.set_due(id, entry.full_due);
}

} // namespace waypost::queue
