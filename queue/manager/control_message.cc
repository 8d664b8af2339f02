#include "queue/manager/control_message.h"

#include <algorithm>

#include "lib/mail/control.h"
#include "queue/manager/queue_walk.h"
#include "queue/spool/history_log.h"

namespace waypost::queue {
namespace {

constexpr int kTemporary = 111;
constexpr std::size_t kMostPlans = 100; // recipients whose next attempt is told

Record plan(std::uint32_t number, WallUs when, std::uint32_t attempt) {
  Record record;
  record.add("type", "plan").add_number("rcpt", number);
  if (when != 0) record.add_number("when", static_cast<std::uint64_t>(when));
  return std::move(record.add_number("attempt", attempt));
}

} // namespace

ControlWhy::ControlWhy(Manager& manager, std::unique_ptr<MessageView> view,
                       std::function<void()> resume)
    : manager_(manager),
      view_(std::move(view)),
      resume_(std::move(resume)),
      history_at_(view_->head().history_offset()) {
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
      if (!send_history(sink)) part_ = Part::ask;
      break;
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
  manager_.account(view_->head(), [plans = plans_, resume = resume_, asking](const std::string& a) {
    plans->account = a;
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

// What would happen at the next turn, were it now: the same questions that the turn will ask.
void ControlWhy::ask_routes() {
  const auto asking = std::make_shared<bool>(true);
  for (const RecipientView& one : pending_) {
    const std::uint32_t attempt = one.progress.attempts + 1;
    if (view_->facts().held) {
      Record record = plan(one.number, 0, attempt);
      plans_->records.push_back(std::move(record.add("wait", "held")));
      continue;
    }
    RouteQuery query;
    query.account = plans_->account;
    query.from = view_->sender().sender.domain();
    query.to = one.recipient.address.domain();
    query.attempt = attempt;
    query.classes = one.progress.classes;
    query.refused = one.progress.refused;
    query.hand = view_->facts().hand;
    ++plans_->open;
    manager_.ask_route(std::move(query), [plans = plans_, resume = resume_, asking, attempt,
                                          number = one.number,
                                          when = due_](const RouteAnswer& answer) {
      Record record = plan(number, when, attempt);
      record.add_some("transport", answer.transport).add_some("rule", answer.rule);
      plans->records.push_back(std::move(record.add_some("wait", answer.wait)));
      if (--plans->open == 0 && !*asking) resume();
    });
  }
  *asking = false;
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
