#include "queue/manager/control_message.h"

#include <algorithm>

#include "lib/mail/control.h"
#include "queue/manager/outlook.h"
#include "queue/manager/queue_walk.h"
#include "queue/spool/history_log.h"
#include "queue/spool/transcript_ring.h"

namespace waypost::queue {
namespace {

constexpr int kTemporary = 111;
constexpr std::size_t kMostPlans = 100; // recipients whose next attempt is told

Record plan(const char* type, std::uint32_t number, WallUs when, std::uint32_t attempt) {
  Record record;
  record.add("type", type).add_number("rcpt", number);
  if (when != 0) record.add_number("when", static_cast<std::uint64_t>(when));
  return std::move(record.add_number("attempt", attempt));
}

} // namespace

ControlWhy::ControlWhy(Manager& manager, std::unique_ptr<MessageView> view, bool with_transcripts,
                       std::function<void()> resume)
    : manager_(manager),
      view_(std::move(view)),
      resume_(std::move(resume)),
      history_at_(view_->head().history_offset()),
      with_transcripts_(with_transcripts) {
  const QueueEntry* entry = manager_.schedule().find(view_->id());
  if (entry != nullptr) due_ = next_attempt(manager_, *entry);
}

ControlAnswer::State ControlWhy::slice(ControlSink& sink) {
  while (!sink.full()) {
    switch (part_) {
    case Part::account:
      part_ = Part::message;
      ask_account();
      if (plans_->open > 0) return State::waiting;
      break;
    case Part::message:
      if (!send_message(sink)) part_ = Part::history;
      break;
    case Part::history:
      if (!send_history(sink)) part_ = with_transcripts_ ? Part::dialogues : Part::ask;
      break;
    case Part::dialogues:
      part_ = Part::ask;
      read_dialogues();
      return State::waiting;
    case Part::ask:
      part_ = Part::plan;
      ask_routes();
      if (plans_->open > 0) return State::waiting;
      break;
    case Part::plan:
      if (plans_->records.empty()) {
        part_ = Part::end;
      } else {
        sink.send(std::move(plans_->records.front()), {});
        plans_->records.pop_front();
      }
      break;
    case Part::end: send_end(sink, 0, {}); return State::ended;
    }
  }
  return State::more;
}

void ControlWhy::ask_account() {
  ++plans_->open;
  const auto asking = std::make_shared<bool>(true);
  manager_.account(view_->head(), [plans = plans_, resume = resume_, asking,
                                   uid = view_->head().uid](const Result<std::string>& account) {
    plans->account = account.value_or(unnamed_account(uid));
    --plans->open;
    if (!*asking) resume();
  });
  *asking = false;
}

bool ControlWhy::send_message(ControlSink& sink) {
  const Result<std::vector<RecipientView>> some = view_->next(kRecipientsPerAnswer);
  if (!some || some->empty()) return false;
  sink.send(view_->record(*some, plans_->account, due_), {});
  for (const RecipientView& one : *some) {
    if (one.mark == Mark::pending && pending_.size() < kMostPlans) pending_.push_back(one);
  }
  return true;
}

bool ControlWhy::send_history(ControlSink& sink) {
  if (history_at_ >= view_->file().history_end()) return false;
  const Result<HistoryEnd> end = read_history(
      view_->file(), history_at_, view_->file().history_end(), [&](const HistoryEntry& entry) {
        Record record;
        record.add("type", "history");
        const Record fields = to_record(entry);
        for (std::size_t i = 0; i < fields.size(); ++i)
          record.add(fields.field(i).key, fields.field(i).value);
        sink.send(std::move(record), {});
        return !sink.full();
      });
  if (!end || end->offset == history_at_) return false;
  history_at_ = end->offset;
  return true;
}

// Looking through the ring takes some milliseconds, or a slow disk's time.
void ControlWhy::read_dialogues() {
  const auto found = std::make_shared<Result<std::vector<Transcript>>>();
  manager_.work([&fs = manager_.fs(), root = manager_.dirs().root(), id = view_->id().text(),
                 uid = view_->head().uid, found] { *found = read_transcripts(fs, root, id, uid); },
                [plans = plans_, resume = resume_, found] {
                  if (*found) {
                    for (const Transcript& one : **found)
                      plans->records.push_back(transcript_record(one));
                  }
                  resume();
                });
}

// What would happen at the next turns, were it now: the same questions that they will ask.
void ControlWhy::ask_routes() {
  plans_->records.push_back(outlook_record(*view_, manager_.snapshot()));
  const bool held = view_->facts().held;
  plans_->at_once = true;
  for (const RecipientView& one : pending_) {
    const std::uint32_t attempt = one.progress.attempts + 1;
    if (!held) {
      ask_route(one, attempt, due_, "plan");
      continue;
    }
    Record record = plan("plan", one.number, 0, attempt);
    plans_->records.push_back(std::move(record.add("wait", "held")));
  }
  if (!pending_.empty() && !held) {
    const RecipientView& first = pending_.front();
    for (const LaterAttempt& later :
         later_attempts(*view_, manager_.settings(), first.progress.attempts + 1, due_))
      ask_route(first, later.attempt, later.when, "later");
  }
  plans_->at_once = false;
}

void ControlWhy::ask_route(const RecipientView& one, std::uint32_t attempt, WallUs when,
                           const char* type) {
  RouteQuery query;
  query.account = plans_->account;
  query.from = view_->leaving().domain();
  query.to = one.recipient.address.domain();
  query.attempt = attempt;
  query.classes = one.progress.classes;
  query.refused = one.progress.refused;
  query.hand = view_->facts().hand;
  ++plans_->open;
  manager_.ask_route(std::move(query), [plans = plans_, resume = resume_, attempt, type, when,
                                        number = one.number](const RouteAnswer& answer) {
    Record record = plan(type, number, when, attempt);
    record.add_some("transport", answer.transport).add_some("rule", answer.rule);
    plans->records.push_back(std::move(record.add_some("wait", answer.wait)));
    if (--plans->open == 0 && !plans->at_once) resume();
  });
}

ControlAnswer::State ControlShow::slice(ControlSink& sink) {
  const std::uint64_t length = view_->head().message_length;
  while (sent_ < length) {
    if (sink.full()) return State::more;
    std::string chunk(std::min<std::uint64_t>(kContentChunk, length - sent_), '\0');
    const Result<std::size_t> have =
        view_->file().read(chunk, view_->head().message_offset() + sent_);
    if (!have || *have == 0) {
      send_end(sink, kTemporary, have ? "the file became shorter" : have.error().text);
      return State::ended;
    }
    chunk.resize(*have);
    sent_ += *have;
    Record record;
    sink.send(std::move(record.add("type", "content")), chunk);
  }
  send_end(sink, 0, {});
  return State::ended;
}

} // namespace waypost::queue
