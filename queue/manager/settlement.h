// Settlement: what one outcome means for one recipient. The queue's policy in one place: what is
// delivered, what waits, what fails, what may move to another transport, and who is told. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "lib/mail/envelope.h"
#include "lib/mail/message_file.h"
#include "lib/mail/message_id.h"
#include "lib/mail/outcome.h"
#include "lib/mail/snapshot.h"
#include "queue/spool/progress.h"

namespace waypost::queue {

// Who hears that a recipient of this message failed.
enum class Reporting : std::uint8_t {
  sender,
  postmaster, // it is a notice itself, and nothing goes back to a null sender (RFC 5321 6.1)
  nobody,     // a null sender's mail, or a notice about a notice
};

[[nodiscard]] Reporting reporting(const MessageId& id, const Address& sender);
// "ID.b1", "ID.d", "ID.s1", and what derives from them.
[[nodiscard]] bool is_notice(const MessageId& id);
// "ID.c1": what the alias of a recipient became.
[[nodiscard]] bool is_child(const MessageId& id);
// The message that a derived one came out of; none when it is not derived.
[[nodiscard]] std::optional<MessageId> parent_of(const MessageId& id);
// The message that a notice tells of; none when it is no notice.
[[nodiscard]] std::optional<MessageId> noticed(const MessageId& id);

struct SettlePolicy {
  WallUs age_us = 0;
  std::uint64_t expire_after_s = 0;
  Reporting reporting = Reporting::sender;
  bool may_move = true; // false once the routes have said that no rule leads elsewhere
  bool here = false;    // a local transport: nobody behind it reports a success
};

struct Settlement {
  Outcome outcome;           // as the history shall have it
  Mark mark = Mark::pending; // the recipient's from now on
  bool ask = false;          // ask the routes whether another transport may try, then settle again
};

[[nodiscard]] Settlement settle(const Outcome& got, const Notify& notify,
                                const RecipientProgress& before, const SettlePolicy& policy);

inline constexpr std::uint32_t kMostMoves = 3;

// The wait after `attempts` attempts; the last one repeats until the message expires.
[[nodiscard]] std::int64_t wait_ms(const Settings& settings, std::uint32_t attempts);
// Before another try when nothing could be tried at all: 1 s, 2 s, ... 60 s.
[[nodiscard]] std::int64_t requery_ms(std::uint32_t requeries);

} // namespace waypost::queue
