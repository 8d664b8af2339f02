// Concurrency: how many connections a sender may have now, and whether one more is worth it.
// No I/O.
//
// A destination that took mail within the last hour begins with all that its transport allows,
// another with one; each delivery allows one more. A connection that is refused while there are
// others is one too many, no failure: as many as those remain, and one more is tried each kPauseMs.
// "Slow down" from a server that has taken us halves their number likewise.
//
// A further connection costs both sides more than a message on one that is open: it is worth it
// once more than kWaitingEach jobs wait for each that there is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waypost::deliver {

class Concurrency {
public:
  static constexpr std::uint64_t kPauseMs = 60'000;
  static constexpr std::size_t kWaitingEach = 2;

  Concurrency(std::uint32_t most, bool proven) : most_(most), grown_(proven ? most : 1) {}

  // Jobs that must be in hand for all connections to be worth it.
  [[nodiscard]] static std::size_t jobs_for(std::size_t connections) {
    return connections * (kWaitingEach + 1);
  }

  // `now_ms`: of a clock that does not go back, in all of these.
  [[nodiscard]] std::uint32_t allowed(std::uint64_t now_ms) const;
  // One more than `open`, for so many waiting jobs?
  [[nodiscard]] bool worth_one_more(std::size_t open, std::size_t waiting,
                                    std::uint64_t now_ms) const;

  void delivered();
  // One more was refused beside `working` others.
  void refused(std::size_t working, std::uint64_t now_ms);
  // A server said that we are too fast.
  void slow_down(std::size_t open, std::uint64_t now_ms);
  // No host could be used: as if it were new.
  void failed() { *this = Concurrency(most_, false); }

private:
  void limit(std::size_t connections, std::uint64_t now_ms);

  std::uint32_t most_;      // by the configuration
  std::uint32_t grown_;     // by deliveries
  std::uint32_t limit_ = 0; // by the server's word, at limited_ms_; 0: none
  std::uint64_t limited_ms_ = 0;
};

} // namespace waypost::deliver
