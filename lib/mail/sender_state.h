// Sender state: what waypost-deliver tells the queue manager of its senders, for figures only; when
// it has changed, and at most once a second.
//
//   type=senders living= idle= failing= { held= class= reply= since= probe= act= }...
//
// `held` begins a group: a transport that is held back as a whole. waypost-pipes(5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/mail/outcome.h"
#include "lib/mail/record.h"
#include "lib/sys/clock.h"

namespace waypost {

struct HeldTransport {
  std::string transport;
  FailureClass klass = FailureClass::other;
  std::string reply{};
  WallUs since = 0; // 0: not told
  WallUs probe =
      0; // until then nothing is tried; 0 or past: the next message finds out, or one does
  std::string act{}; // who must act, and where to look

  bool operator==(const HeldTransport&) const = default;
};

struct SenderState {
  std::uint64_t living = 0;
  std::uint64_t idle = 0;    // of these, without a job
  std::uint64_t failing = 0; // destinations that are known to fail
  std::vector<HeldTransport> held;

  bool operator==(const SenderState&) const = default;
};

inline constexpr std::size_t kMostHeldTransports = 1'000;
inline constexpr std::size_t kMostHeldReply = 500; // bytes; of `act` too

[[nodiscard]] Record to_record(const SenderState& state);
// An error when a number is missing or does not fit the others, or too much is held.
[[nodiscard]] Result<SenderState> sender_state(const Record& record);

} // namespace waypost
