#include "queue/manager/queue_walk.h"

#include <algorithm>

#include "lib/mail/control.h"

namespace waypost::queue {

WallUs next_attempt(Manager& manager, const QueueEntry& entry) {
  if (entry.name_next == QueueEntry::kHeld && !entry.active) return 0;
  const QueueTime& time = manager.time();
  if (entry.active || entry.parked) return time.now();
  return std::max(time.now(), time.wall(std::max(entry.due, entry.full_due)));
}

QueueWalk::QueueWalk(Manager& manager, const ControlCaller& caller, ControlFilter filter,
                     std::function<void()> resume)
    : manager_(manager),
      caller_(caller),
      filter_(std::move(filter)),
      resume_(std::move(resume)) {
  if (filter_.ids().empty()) return;
  ids_.page = filter_.ids();
  page_ready_ = true;
}

QueueWalk::Step QueueWalk::step() {
  switch (stage_) {
  case Stage::next: return next();
  case Stage::account: return name_->open ? Step::waits : look_at_message();
  case Stage::recipients: return look_at_recipients();
  }
  return Step::end;
}

QueueWalk::Step QueueWalk::next() {
  view_.reset();
  if (page_ready_ && taken_ < ids_.page.size()) return open(ids_.page[taken_++]);
  if (page_ready_ && (ids_.page.empty() || !filter_.ids().empty())) return Step::end;
  taken_ = 0;
  page_ready_ = manager_.schedule().step(ids_);
  return Step::again;
}

QueueWalk::Step QueueWalk::passed_over() {
  if (!filter_.ids().empty()) missing_.push_back(ids_.page[taken_ - 1]);
  stage_ = Stage::next;
  return Step::again;
}

// Whoever may not see a message is not told that it exists.
QueueWalk::Step QueueWalk::open(const std::string& name) {
  ++looked_;
  id_ = MessageId::parse(name);
  const QueueEntry* entry = id_ ? manager_.schedule().find(*id_) : nullptr;
  if (entry == nullptr) return passed_over();
  due_ = next_attempt(manager_, *entry);
  Result<std::unique_ptr<MessageView>> view =
      MessageView::open(manager_.fs(), manager_.dirs(), *id_, *entry);
  if (!view && (view.error().code == ENOENT || !caller_.sees_all)) return passed_over();
  if (!view) {
    error_ = view.error();
    return Step::unreadable;
  }
  if (!caller_.may_see((*view)->head().uid)) return passed_over();
  view_ = std::move(*view);
  return ask_account();
}

QueueWalk::Step QueueWalk::ask_account() {
  stage_ = Stage::account;
  name_ = std::make_shared<Name>();
  name_->open = name_->at_once = true;
  manager_.account(view_->head(), [name = name_, resume = resume_,
                                   uid = view_->head().uid](const Result<std::string>& account) {
    name->account = account.value_or(unnamed_account(uid));
    name->open = false;
    if (!name->at_once) resume();
  });
  name_->at_once = false;
  return name_->open ? Step::waits : look_at_message();
}

QueueWalk::Step QueueWalk::look_at_message() {
  stage_ = Stage::next;
  if (!filter_.matches_message(*view_, name_->account, manager_.time().now())) return Step::again;
  if (!filter_.asks_of_recipients()) return Step::found;
  stage_ = Stage::recipients;
  return Step::again;
}

QueueWalk::Step QueueWalk::look_at_recipients() {
  const Result<std::vector<RecipientView>> some = view_->next(kRecipientsPerAnswer);
  if (!some) {
    stage_ = Stage::next;
    error_ = some.error();
    return Step::unreadable;
  }
  if (some->empty()) stage_ = Stage::next;
  const bool matches =
      std::ranges::any_of(*some, [&](const RecipientView& one) { return filter_.matches(one); });
  if (!matches) return Step::again;
  view_->rewind();
  stage_ = Stage::next;
  return Step::found;
}

} // namespace waypost::queue
