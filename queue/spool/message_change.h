// MessageChange: what a person decided about one message, and the one way in which that comes into
// the message's file. The queue manager uses it, and so do the commands when no manager runs.
//
// The decision is an entry of the file's history. Those that must outlive a power cut (hold, drop,
// bounce) are flushed before change_file() returns. A bounce fails nobody here: it names the
// pending recipients, and the next turn fails them and makes the notice. A message that is under
// way is its turn's, which takes plan_change() and does the same in its own file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/history.h"
#include "queue/spool/progress.h"
#include "queue/spool/spool_dirs.h"

namespace waypost::queue {

class MessageFile;

enum class Verb : std::uint8_t {
  hold,
  release,
  kick, // due now; perhaps by another transport
  drop, // away with it, and nobody is told
  bounce,
  requeue, // attempts, classes, moves and transport begin anew
};
[[nodiscard]] std::string_view name(Verb verb);
[[nodiscard]] std::optional<Verb> parse_verb(std::string_view word);

struct MessageChange {
  Verb verb = Verb::hold;
  // kick: the transport that goes before all routes from now on; empty: the routes choose again.
  std::optional<std::string> hand;
  std::string by; // "uid 0"
  bool operator==(const MessageChange&) const = default;
};

enum class Effect : std::uint8_t {
  changed,
  already, // it was so before
  held,    // left alone, because it is held
  settled, // no recipient is waiting any more
};
[[nodiscard]] std::string_view name(Effect effect);
[[nodiscard]] std::optional<Effect> parse_effect(std::string_view word);

// What becomes of the message in the schedule.
enum class After : std::uint8_t { stays, held, due, gone };

struct ChangePlan {
  Effect effect = Effect::changed;
  After after = After::stays;
  bool sync = false; // before anybody is told
  std::vector<HistoryEntry> entries;
};
// Pure.
[[nodiscard]] ChangePlan plan_change(const MessageChange& change, const MessageFacts& facts,
                                     const Ranges& pending, WallUs now);

[[nodiscard]] Ranges pending_recipients(const MessageFile& file);
// Of those who are still pending when a message is bounced by hand.
[[nodiscard]] Outcome bounced_by_hand();

struct Changed {
  Effect effect = Effect::changed;
  After after = After::stays;
};
// Applies the change to a message that nobody else has open for writing, and removes the file of a
// dropped one. Blocks; may run on any thread. After an error nothing is certain but that the
// message is still there.
[[nodiscard]] Result<Changed> change_file(Fs& fs, int dir, const std::string& name,
                                          const MessageChange& change, WallUs now);

} // namespace waypost::queue
