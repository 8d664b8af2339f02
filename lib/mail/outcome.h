// Outcome: what the queue must know of one recipient after one attempt.
//
// An Error says that we could not do something; an Outcome says what became of the mail. Delivered,
// deferred (another turn comes), failed for good; its class says whose trouble it is and steers
// `after` in routes. RFC 3463 for the status.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/reply.h"

namespace waypost {

enum class Disposition : std::uint8_t {
  delivered, // the next host has taken responsibility
  deferred,  // try again at the next turn
  failed,    // for good: a notice is owed
  moved,   // refused for good by this transport, and a rule leads to another: counts as an attempt,
           // no notice
  relayed, // delivered, to a host without DSN: a notice of relaying may be owed (RFC 3461 5.2.2)
  expanded, // became other messages (aliases)
};

enum class FailureClass : std::uint8_t {
  none,
  blocked,
  greylisted,
  rate,
  auth,
  tls,
  unreachable,
  dns,
  mailbox,
  content,
  other,
};

[[nodiscard]] std::string_view name(Disposition);
[[nodiscard]] std::string_view name(FailureClass); // "" for none
[[nodiscard]] std::optional<Disposition> parse_disposition(std::string_view);
[[nodiscard]] std::optional<FailureClass> parse_failure_class(std::string_view);

// Whether a permanent failure of that class may become another attempt by another transport: it
// speaks of the way that was taken, not of the mailbox or the message.
[[nodiscard]] bool may_move(FailureClass);

// The classes that a recipient has failed with so far.
class FailureClasses {
public:
  FailureClasses() = default;
  FailureClasses(std::initializer_list<FailureClass> classes) {
    for (const FailureClass one : classes)
      add(one);
  }
  void add(FailureClass c) {
    if (c != FailureClass::none) bits_ = static_cast<std::uint16_t>(bits_ | bit(c));
  }
  [[nodiscard]] bool has(FailureClass c) const { return (bits_ & bit(c)) != 0; }
  [[nodiscard]] bool intersects(FailureClasses other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::string text() const; // "blocked,tls", in the order of the enum
  [[nodiscard]] static std::optional<FailureClasses> parse(std::string_view text);
  bool operator==(const FailureClasses&) const = default;

private:
  static std::uint16_t bit(FailureClass c) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(c));
  }
  std::uint16_t bits_ = 0;
};

struct Outcome {
  Disposition disposition = Disposition::deferred;
  FailureClass klass = FailureClass::none;
  int code = 0;        // of the reply; 0 when none decided it
  EnhancedCode status; // the server's, or ours when it gave none
  std::string
      reply; // the whole reply's text (lines joined by '\n'), or our sentence when there was none
  bool tried = true; // false: a known failure was applied without touching the network

  bool operator==(const Outcome&) const = default;
};

// The part of a reply that may stand beside `count` - 1 others where all of them shall take `all`
// bytes at most; never less than 256 bytes of it.
[[nodiscard]] std::string_view share_of_reply(std::string_view reply, std::size_t all,
                                              std::size_t count);

} // namespace waypost
