// Schedule: all messages of the queue, and which of them is due when. No files, no loop.
//
// Built for 100,000 deferred messages: an entry with its name, its place in the map and in the heap
// takes about 120 bytes. Fresh messages stand in a line of their own, so that they overtake a
// backlog; take() lets them alternate with due ones. Pointers to entries stay valid until erase().
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/message_id.h"
#include "lib/sys/clock.h"
#include "queue/manager/census.h"
#include "queue/manager/clock_settings.h"
#include "queue/spool/spool_dirs.h"

namespace waypost::queue {

// A message's id in 24 bytes; derived ids, which are few, keep their suffix apart.
class QueueKey {
public:
  explicit QueueKey(const MessageId& id);
  [[nodiscard]] MessageId id() const;
  // As the ids compare, without making one.
  [[nodiscard]] bool before(std::string_view id) const { return compare(id) < 0; }
  [[nodiscard]] bool behind(std::string_view id) const { return compare(id) > 0; }
  // When the message arrived; a derived one counts from the arrival of its origin.
  [[nodiscard]] WallUs arrived() const;
  bool operator==(const QueueKey& other) const;
  [[nodiscard]] std::size_t hash() const;

private:
  [[nodiscard]] int compare(std::string_view id) const;

  std::array<char, MessageId::kPlainLength> plain_;
  std::unique_ptr<const std::string> suffix_;
};

struct QueueEntry {
  static constexpr std::uint32_t kNowhere = UINT32_MAX;
  static constexpr std::int64_t kHeld = -1;

  std::int64_t name_next = 0; // NEXT as it stands in the file's name; kHeld
  BootMs due = 0;
  BootMs full_due = 0; // before it only recipients without an attempt since `began` are due
  WallUs began = 0;    // of the last full turn
  std::uint32_t heap_at = kNowhere;
  Lane lane = 0;                          // the transport that tried it last
  QueueState counted = QueueState::fresh; // as the census has it
  std::uint8_t requeries = 0;             // turns in a row that ended in waiting
  bool active = false;                    // a turn is running
  bool unverified = false;                // its checksum has not been compared in this life
  bool kicked = false;                    // by hand: its next turn is to try for real
  bool in_new = false;  // still stands in new/: a notice whose origin is not settled
  bool parked = false;  // a notice that waits until its origin has noted it
  bool in_line = false; // among the fresh ones
  ClockSettings::Number arrived_by = 0; // the setting of the wall clock at its arrival

  [[nodiscard]] QueueState state() const;
  [[nodiscard]] Next next() const { return name_next == kHeld ? Next() : Next(name_next); }
};

// A walk over all ids in their order, a page at a time, for a command that must not stop the queue:
// a page is looked for in bounded steps, and takes no more memory than its ids.
struct IdWalk {
  std::vector<std::string> page; // ascending, once step() has said so
  std::string after;             // pages begin behind this id
  std::size_t bucket = 0;
  std::size_t buckets = 0; // of the map when this page was begun; 0: it was not
};

class Schedule {
public:
  // Does nothing and returns none when the name is known already.
  QueueEntry* add(const MessageId& id, const QueueEntry& entry);
  [[nodiscard]] QueueEntry* find(const MessageId& id);
  void erase(const MessageId& id);

  void set_due(const MessageId& id, BootMs due);
  // Out of the heap: held or parked.
  void unset_due(const MessageId& id);
  void set_fresh(const MessageId& id); // due now, in the line of the fresh ones
  // After `active`, `parked` or `name_next` of an entry were changed from outside.
  void recount(QueueEntry& entry);
  void set_lane(QueueEntry& entry, Lane lane);

  // A message whose turn it is, by turns a fresh one and the one that has been due longest; it is
  // marked active. `fresh_only`: the places that due ones may have are taken.
  [[nodiscard]] std::optional<MessageId> take(BootMs now, bool fresh_only);
  [[nodiscard]] std::optional<BootMs> next_due() const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Census& census() const { return census_; }
  [[nodiscard]] std::size_t held() const { return census_.count(QueueState::held); }
  // Looks for the page behind walk.after; true when it is whole. An empty one is the end. What
  // comes and goes meanwhile may be in it or not.
  [[nodiscard]] bool step(IdWalk& walk) const;

private:
  struct Hash {
    std::size_t operator()(const QueueKey& key) const { return key.hash(); }
  };
  using Map = std::unordered_map<QueueKey, QueueEntry, Hash>;
  using Node = Map::value_type;

  void begin(QueueEntry& entry);
  void sift(std::size_t at);
  void place(std::size_t at, Node* node);
  void take_out(QueueEntry& entry);

  void consider(IdWalk& walk, const QueueKey& key, std::size_t most) const;

  Map entries_;
  Census census_;
  std::vector<Node*> heap_; // the earliest due first
  std::deque<MessageId> fresh_;
  bool fresh_turn_ = true;
};

} // namespace waypost::queue
