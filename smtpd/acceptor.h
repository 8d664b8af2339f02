// Acceptor: a connection to waypost-accept, which takes one message of ours after another
// (lib/mail/handover.h, the part with pipes).
//
//   call() -> [calling] -> it has a place for us -> [free] -> hand_over() -> [busy] -> [free] ...
//                       -> it has none           -> [refused]
//
// Nothing waits: who watches the descriptor calls hear() when it is readable. A connection that
// breaks off with a message under way says that nobody knows what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/sys/clock.h"
#include "smtpd/request.h"

namespace waypost::smtpd {

class Acceptor {
public:
  enum class State : std::uint8_t { calling, refused, free, busy, gone };

  // `socket` is its name. An error when nobody listens there, or too many are waiting.
  [[nodiscard]] static Result<Acceptor> call(const std::string& socket, BootMs now);

  [[nodiscard]] int descriptor() const { return connection_.get(); }
  [[nodiscard]] State state() const { return state_; }
  // In that state.
  [[nodiscard]] BootMs since() const { return since_; }
  // Only to one that is free. False: it is gone, and has not got the message, which stays with the
  // caller.
  [[nodiscard]] bool hand_over(Request& request, BootMs now);
  // Reads what it says, and answers the request that this is about.
  void hear(BootMs now);
  // When it is broken off unless it says the rest. An answer is written at once; half of one is
  // followed by nothing, and whoever waits for it waits for long.
  [[nodiscard]] std::optional<BootMs> half_until() const;
  void lose_patience(BootMs now);

private:
  Acceptor(Fd connection, BootMs now) : connection_(std::move(connection)), since_(now) {}
  void turn(State state, BootMs now);
  void break_off(BootMs now);

  Fd connection_;
  State state_ = State::calling;
  BootMs since_;
  std::string heard_;
  BootMs half_since_ = 0; // when `heard_` is not empty
  Request request_;       // busy
};

} // namespace waypost::smtpd
