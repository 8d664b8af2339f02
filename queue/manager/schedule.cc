#include "queue/manager/schedule.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace waypost::queue {
namespace {

// A page costs a walk over the whole map: at most 50 such walks, and 20,000 ids for a million.
constexpr std::size_t kPages = 50;
constexpr std::size_t kSmallPage = 1'000;
constexpr std::size_t kBucketsAtOnce = 10'000; // about a millisecond

static_assert(sizeof(QueueEntry) <= 48, "there are a million of them");

} // namespace

QueueKey::QueueKey(const MessageId& id) {
  const std::string& text = id.text();
  std::copy_n(text.begin(), plain_.size(), plain_.begin());
  if (id.derived()) suffix_ = std::make_unique<const std::string>(text.substr(plain_.size()));
}

MessageId QueueKey::id() const {
  std::string text(plain_.data(), plain_.size());
  if (suffix_) text += *suffix_;
  return *MessageId::parse(text);
}

bool QueueKey::operator==(const QueueKey& other) const {
  if (plain_ != other.plain_ || !suffix_ != !other.suffix_) return false;
  return !suffix_ || *suffix_ == *other.suffix_;
}

int QueueKey::compare(std::string_view id) const {
  const int plain =
      std::string_view(plain_.data(), plain_.size()).compare(id.substr(0, plain_.size()));
  if (plain != 0) return plain;
  const std::string_view suffix = suffix_ ? std::string_view(*suffix_) : std::string_view();
  return suffix.compare(id.substr(plain_.size()));
}

std::size_t QueueKey::hash() const {
  const std::hash<std::string_view> hash;
  const std::size_t plain = hash({plain_.data(), plain_.size()});
  return suffix_ ? plain ^ (hash(*suffix_) * 31) : plain;
}

// The id's first 11 characters, base32: lib/mail/message_id.h.
WallUs QueueKey::arrived() const {
  constexpr std::size_t kTimeLength = 11;
  WallUs time = 0;
  for (std::size_t i = 0; i < kTimeLength; ++i) {
    const char c = plain_[i];
    time = time << 5 | (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return time;
}

QueueState QueueEntry::state() const {
  if (parked) return QueueState::parked;
  if (active) return QueueState::active;
  if (name_next == kHeld) return QueueState::held;
  if (heap_at != kNowhere) return QueueState::deferred;
  return in_line ? QueueState::fresh : QueueState::held; // the name could not be changed
}

QueueEntry* Schedule::add(const MessageId& id, const QueueEntry& entry) {
  const auto [at, added] = entries_.try_emplace(QueueKey(id), entry);
  if (!added) return nullptr;
  QueueEntry& made = at->second;
  made.counted = made.state();
  census_.came(made.counted, made.lane, at->first.arrived());
  return &made;
}

void Schedule::recount(QueueEntry& entry) {
  const QueueState now = entry.state();
  census_.changed(entry.lane, std::exchange(entry.counted, now), now);
}

void Schedule::set_lane(QueueEntry& entry, Lane lane) {
  census_.changed(entry.counted, std::exchange(entry.lane, lane), lane);
}

QueueEntry* Schedule::find(const MessageId& id) {
  const auto at = entries_.find(QueueKey(id));
  return at == entries_.end() ? nullptr : &at->second;
}

void Schedule::erase(const MessageId& id) {
  const auto at = entries_.find(QueueKey(id));
  if (at == entries_.end()) return;
  take_out(at->second);
  census_.went(at->second.counted, at->second.lane, at->first.arrived());
  entries_.erase(at);
}

void Schedule::set_due(const MessageId& id, BootMs due) {
  const auto at = entries_.find(QueueKey(id));
  if (at == entries_.end()) return;
  QueueEntry& entry = at->second;
  take_out(entry);
  entry.due = due;
  heap_.push_back(nullptr);
  place(heap_.size() - 1, &*at);
  sift(heap_.size() - 1);
  recount(entry);
}

void Schedule::unset_due(const MessageId& id) {
  QueueEntry* entry = find(id);
  if (entry == nullptr) return;
  take_out(*entry);
  recount(*entry);
}

void Schedule::set_fresh(const MessageId& id) {
  fresh_.push_back(id);
  QueueEntry* entry = find(id);
  if (entry == nullptr) return;
  entry->in_line = true;
  recount(*entry);
}

std::optional<MessageId> Schedule::take(BootMs now, bool fresh_only) {
  const bool due = !fresh_only && !heap_.empty() && heap_.front()->second.due <= now;
  while (!fresh_.empty() && (fresh_turn_ || !due)) {
    MessageId id = std::move(fresh_.front());
    fresh_.pop_front();
    QueueEntry* entry = find(id);
    if (entry != nullptr) entry->in_line = false;
    if (entry == nullptr || entry->active) continue; // dropped while it stood in line, or changed
    fresh_turn_ = false;
    begin(*entry);
    return id;
  }
  fresh_turn_ = true;
  if (!due) return std::nullopt;
  Node* node = heap_.front();
  begin(node->second);
  return node->first.id();
}

void Schedule::begin(QueueEntry& entry) {
  take_out(entry);
  entry.active = true;
  recount(entry);
}

std::optional<BootMs> Schedule::next_due() const {
  if (!fresh_.empty()) return 0;
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->second.due;
}

bool Schedule::step(IdWalk& walk) const {
  if (walk.buckets != entries_.bucket_count()) { // at its beginning, or the map has grown
    walk.buckets = entries_.bucket_count();
    walk.bucket = 0;
    walk.page.clear();
  }
  const std::size_t most = std::max(kSmallPage, entries_.size() / kPages);
  const std::size_t end = std::min(walk.bucket + kBucketsAtOnce, walk.buckets);
  for (; walk.bucket < end; ++walk.bucket) {
    for (auto at = entries_.begin(walk.bucket); at != entries_.end(walk.bucket); ++at)
      consider(walk, at->first, most);
  }
  if (walk.bucket < walk.buckets) return false;
  std::ranges::sort_heap(walk.page);
  if (!walk.page.empty()) walk.after = walk.page.back();
  walk.buckets = 0;
  return true;
}

// The page is a heap with the greatest id at its front, which gives way to smaller ones.
void Schedule::consider(IdWalk& walk, const QueueKey& key, std::size_t most) const {
  if (!key.behind(walk.after)) return;
  if (walk.page.size() >= most) {
    if (!key.before(walk.page.front())) return;
    std::ranges::pop_heap(walk.page);
    walk.page.pop_back();
  }
  walk.page.push_back(key.id().text());
  std::ranges::push_heap(walk.page);
}

void Schedule::place(std::size_t at, Node* node) {
  heap_[at] = node;
  node->second.heap_at = static_cast<std::uint32_t>(at);
}

// Moves the entry at `at` up or down to where it belongs.
void Schedule::sift(std::size_t at) {
  Node* node = heap_[at];
  const BootMs due = node->second.due;
  while (at > 0 && heap_[(at - 1) / 2]->second.due > due) {
    place(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  while (true) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->second.due < heap_[child]->second.due)
      ++child;
    if (heap_[child]->second.due >= due) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, node);
}

void Schedule::take_out(QueueEntry& entry) {
  if (entry.heap_at == QueueEntry::kNowhere) return;
  const std::size_t at = entry.heap_at;
  entry.heap_at = QueueEntry::kNowhere;
  Node* last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  place(at, last);
  sift(at);
}

} // namespace waypost::queue
