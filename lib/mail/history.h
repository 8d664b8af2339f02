// A message's history: what was tried and decided, an append-only log at the end of its spool file.
// waypost-spool(5).
//
// Each entry is framed `CCCCCCCC LENGTH payload\n`: CRC-32C in 8 hex digits over the payload, its
// length in decimal digits, and a record. The first bad frame ends the history: what lies behind it
// is cut off before the next append. Losing entries never loses a recipient (the marks hold their
// state), only what is known of the attempts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/message_id.h"
#include "lib/mail/transaction.h"
#include "lib/sys/clock.h"

namespace waypost {

enum class HistoryKind : std::uint8_t {
  attempt, // a transaction, or a known failure that was applied
  hold,    // until released nothing is tried
  release,
  hand,    // a transport was set by hand; an empty one gives the choice back to the routes
  requeue, // attempts, classes and moves begin anew
  notice,  // a notice was created under `name` for `recipients`
  overlay, // the message as it shall leave: see Overlay
  bounce,  // failed by hand: pending recipients with that outcome fail, whatever their marks say
  drop,    // by hand: the file goes, and nobody is told
};

// A change to the message, made before the first attempt; a later one of the same part holds. The
// file's message never changes.
struct Overlay {
  enum class Part : std::uint8_t {
    headers,   // `bytes` stand in place of the first `skip` bytes of the message
    signature, // `bytes` go before everything; left out where the transport says `dkim = false`
    sender,    // `bytes` are the envelope's sender, in place of the one that was handed in
  };
  Part part = Part::headers;
  std::uint64_t skip = 0;
  std::string bytes;
  bool operator==(const Overlay&) const = default;
};

struct HistoryEntry {
  HistoryKind kind = HistoryKind::attempt;
  WallUs time = 0;
  // attempt
  std::uint32_t attempt = 0; // from 1
  std::string transport;     // also for hand
  std::string rule;          // "waypost.toml:41", "by hand", "default"
  Transaction transaction;   // also for bounce, and the recipients of a notice
  // notice
  std::string name; // of the message that was created
  // hold, release, hand, requeue, bounce, drop
  std::string by; // "uid 0"
  // overlay
  Overlay overlay;
  bool operator==(const HistoryEntry&) const = default;
};

[[nodiscard]] Record to_record(const HistoryEntry& entry);
[[nodiscard]] Result<HistoryEntry> history_entry(const Record& record);

inline constexpr std::size_t kMaxHistoryPayload = std::size_t{4} << 20;

[[nodiscard]] std::string frame_history(const HistoryEntry& entry);
// Takes the first whole frame off `rest`; none when it is bad or incomplete, and `rest` is left as
// it was.
[[nodiscard]] std::optional<HistoryEntry> take_history(std::string_view& rest);

} // namespace waypost
