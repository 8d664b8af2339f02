#include "queue/manager/control_list.h"

#include <algorithm>

#include "lib/mail/control.h"

namespace waypost::queue {
namespace {

// Messages looked at before the queue has its turn again.
constexpr int kAtOnce = 50;

} // namespace

WallUs next_attempt(Manager& manager, const QueueEntry& entry) {
  if (entry.name_next == QueueEntry::kHeld && !entry.active) return 0;
  const QueueTime& time = manager.time();
  if (entry.active || entry.parked) return time.now();
  return std::max(time.now(), time.wall(std::max(entry.due, entry.full_due)));
}

ControlList::ControlList(Manager& manager, const ControlCaller& caller, ControlFilter filter)
    : manager_(manager),
      caller_(caller),
      filter_(std::move(filter)),
      ids_(filter_.ids()) {
  if (ids_.empty()) ids_ = manager.schedule().sorted_ids();
}

ControlAnswer::State ControlList::slice(ControlSink& sink) {
  for (int i = 0; i < kAtOnce && !sink.full(); ++i) {
    if (view_) {
      send_some(sink);
      continue;
    }
    if (next_ == ids_.size()) {
      send_end(sink, 0, {});
      return State::ended;
    }
    const auto id = MessageId::parse(ids_[next_++]);
    if (id) begin(*id);
  }
  return State::more;
}

// A message that went meanwhile, or cannot be read now, is left out.
void ControlList::begin(const MessageId& id) {
  const QueueEntry* entry = manager_.schedule().find(id);
  if (entry == nullptr) return;
  Result<std::unique_ptr<MessageView>> view =
      MessageView::open(manager_.fs(), manager_.dirs(), id, *entry);
  if (!view || !caller_.may_see((*view)->head().uid)) return;
  view_ = std::move(*view);
  account_ = manager_.accounts().known(view_->head());
  due_ = next_attempt(manager_, *entry);
  const Result<bool> matches = wanted(account_);
  if (!matches || !*matches) view_.reset();
}

Result<bool> ControlList::wanted(const std::string& account) {
  if (!filter_.matches_message(*view_, account, manager_.time().now())) return false;
  if (!filter_.asks_of_recipients()) return true;
  while (true) {
    const Result<std::vector<RecipientView>> some = view_->next(kRecipientsPerAnswer);
    if (!some) return std::unexpected(some.error());
    if (some->empty()) return false;
    const bool found =
        std::ranges::any_of(*some, [&](const RecipientView& one) { return filter_.matches(one); });
    if (!found) continue;
    view_->rewind();
    return true;
  }
}

void ControlList::send_some(ControlSink& sink) {
  const Result<std::vector<RecipientView>> some = view_->next(kRecipientsPerAnswer);
  if (!some || some->empty()) {
    view_.reset();
    return;
  }
  sink.send(view_->record(*some, account_, due_), {});
  if (view_->at_end()) view_.reset();
}

} // namespace waypost::queue
