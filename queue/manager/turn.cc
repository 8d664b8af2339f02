#include "queue/manager/turn.h"

#include <algorithm>

#include "lib/sys/log.h"
#include "queue/spool/history_log.h"

namespace waypost::queue {
namespace {

constexpr BootMs kTroubleWait = 10'000; // before a disk is tried again

HistoryEntry hop_limit(std::uint32_t hops) {
  HistoryEntry entry;
  Outcome outcome;
  outcome.disposition = Disposition::failed;
  outcome.klass = FailureClass::other;
  outcome.status = {5, 4, 6}; // RFC 3463 3.5: routing loop
  outcome.reply = "mail loop: the message has passed " + std::to_string(hops) + " hosts already";
  outcome.tried = false;
  entry.transaction.groups.push_back({{}, outcome});
  return entry;
}

} // namespace

std::uint32_t Turn::weight() const {
  if (!file_) return 1;
  const std::uint32_t recipients = file_->head().recipients;
  return std::min(recipients, kWindow) + recipients / 100; // marks: a byte each
}

WallUs Turn::age() const {
  // An arrival in the future was written by another clock: it counts as now.
  const WallUs arrived = file_->head().arrival_us - start_.ahead;
  return std::max<WallUs>(0, host_.time().now() - arrived);
}

bool Turn::all_closed() const {
  return file_->count(Mark::pending) == 0 && file_->count(Mark::failed) == 0 &&
         file_->count(Mark::delivered_owed) == 0;
}

// Calls may come from within its own steps: they are run one after the other, never nested.
void Turn::advance() {
  advance_again_ = true;
  if (advancing_) return;
  advancing_ = true;
  const auto self = shared_from_this();
  while (std::exchange(advance_again_, false) && !ended_) {
    if (more_to_load() && open_.size() < kWindow / 2) {
      const Result<> loaded = load_window();
      if (!loaded) {
        load_error_ = loaded.error();
        next_ = file_->head().recipients;
      }
      advance_again_ = true;
      continue;
    }
    submit_routed();
    flush_soon();
    if (loading_ && open_.empty() && asking_ == 0 && !advance_again_) finish_pass();
  }
  advancing_ = false;
}

bool Turn::more_to_load() const {
  return loading_ && !stopped_ && next_ < file_->head().recipients;
}

Result<> Turn::load_window() {
  std::vector<std::uint32_t> numbers;
  for (next_ = file_->find(Mark::pending, next_);
       next_ < file_->head().recipients && numbers.size() + open_.size() < kWindow;
       next_ = file_->find(Mark::pending, next_ + 1)) {
    numbers.push_back(next_);
  }
  ProgressFold fold(std::move(numbers));
  const Result<HistoryEnd> read = read_history(*file_, file_->head().history_offset(),
                                               known_history_, [&](const HistoryEntry& entry) {
                                                 fold.take(entry);
                                                 return true;
                                               });
  if (!read) return std::unexpected(read.error());
  std::vector<std::uint32_t> by_hand;
  Transaction looped = hop_limit(file_->head().hops).transaction;
  for (std::size_t i = 0; i < fold.recipients().size(); ++i) {
    const std::uint32_t number = fold.recipients()[i];
    RecipientProgress& progress = fold.progress()[i];
    const bool returned = bounced_ || progress.bounced;
    if (!start_.full && !returned && progress.last_time >= began_ && progress.last_time != 0)
      continue; // had its attempt, is due later
    Result<EnvelopeRecipient> recipient = cursor_->recipient(number);
    if (!recipient) return std::unexpected(recipient.error());
    Open one;
    one.recipient = std::move(*recipient);
    one.progress = std::move(progress);
    open_.emplace(number, std::move(one));
    if (returned) {
      by_hand.push_back(number);
    } else {
      looped.groups.front().recipients.add(number);
    }
  }
  fail_by_hand(by_hand);
  if (file_->head().hops > host_.settings().hops_max && !looped.groups.front().recipients.empty()) {
    settle_all({1, {}, {}}, looped, false);
  } else {
    route_loaded();
  }
  return {};
}

void Turn::finish_pass() {
  if (notice_running_ || flushing_ || deciding_ > 0) return; // they call advance() when done
  if (facts_.dropped || (all_closed() && !marks_trouble_)) return remove();
  const Result<> written = file_->write_marks();
  if (!written) {
    // The one thing that must not be forgotten: the turn stays until it is on disk.
    if (!std::exchange(marks_trouble_, true))
      Log("mark_unwritten").id(id().text()).add("reason", written.error().text).error();
    host_.later(kTroubleWait, [self = shared_from_this()] { self->advance(); });
    return;
  }
  if (all_closed() && !load_error_) return remove();
  if (marks_trouble_) return flush_again();
  if (load_error_) return stand_damage(*load_error_);
  const bool held = facts_.held && file_->count(Mark::pending) > 0;
  if (!held && begin_notice()) return;
  end(held ? TurnEnd::Kind::held : TurnEnd::Kind::waits);
}

// What a failed flush covered has been written anew; what it says may still be in memory only.
void Turn::flush_again() {
  flushing_ = true;
  sync([self = shared_from_this()](const Result<>& done) {
    self->flushing_ = false;
    if (done) {
      self->marks_trouble_ = false;
      return self->advance();
    }
    Log("unsynced").id(self->id().text()).add("reason", done.error().text).error();
    self->host_.later(kTroubleWait, [self] { self->advance(); });
  });
}

void Turn::remove() {
  const Result<> gone = host_.dirs().remove(host_.fs(), id(), start_.name);
  if (gone || gone.error().code == ENOENT) {
    Log("removed").id(id().text()).info();
    return end(TurnEnd::Kind::removed);
  }
  // A file that stays must say what was delivered: until now nothing had to be written.
  Log("trouble").id(id().text()).add("at", "remove").add("reason", gone.error().text).error();
  marks_trouble_ = !file_->write_marks().has_value();
  host_.later(kTroubleWait, [self = shared_from_this()] { self->advance(); });
}

void Turn::end(TurnEnd::Kind kind) {
  if (std::exchange(ended_, true)) return;
  const bool stays = kind == TurnEnd::Kind::waits || kind == TurnEnd::Kind::held;
  if (stays) requeue_at_end();
  TurnEnd done;
  done.kind = kind;
  done.counted = start_.full && loading_;
  done.began = began_;
  done.full_due = host_.time().boot() + wait_ms(host_.settings(), attempts_);
  done.retry = waits_ || notice_blocked_;
  done.notice_due = delay_due();
  done.again = again_ && kind == TurnEnd::Kind::waits;
  file_.reset();
  host_.ended(id(), done);
  give_wishes_back();
}

// The disk or the descriptors were short: nothing is known to be wrong with the message.
void Turn::try_later(const char* what, const Error& error) {
  Log("trouble").id(id().text()).add("at", what).add("reason", error.text).error();
  waits_ = true;
  end(TurnEnd::Kind::waits);
}

void Turn::sync(std::function<void(Result<>)> then) {
  const auto done = std::make_shared<Result<>>();
  const auto covered = std::make_shared<std::vector<std::uint32_t>>(file_->covers());
  host_.work(
      [self = shared_from_this(), done] { *done = self->host_.fs().sync_data(self->file_->fd()); },
      [self = shared_from_this(), done, covered, then = std::move(then)] {
        if (self->file_) self->file_->synced(done->has_value(), *covered);
        then(*done);
      });
}

} // namespace waypost::queue
