// Roster: which destinations may have a sender, when there may not be one for each. No I/O.
//
// At most `limit` senders live. Half of them are kept for destinations that took mail within the
// last hour; new and silent ones share the other half, so that a thousand dead domains never stop
// the mail of those that work.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace waypost::deliver {

class Roster {
public:
  static constexpr std::uint64_t kProvenMs = 3600'000;

  explicit Roster(std::uint32_t limit) : limit_(limit < 2 ? 2 : limit) {}
  void set_limit(std::uint32_t limit) { limit_ = limit < 2 ? 2 : limit; }

  void succeeded(const std::string& destination, std::uint64_t now_ms);
  [[nodiscard]] bool proven(const std::string& destination, std::uint64_t now_ms) const;

  // Whether a sender for a destination of that kind may start beside those that live.
  [[nodiscard]] bool room(bool proven) const;
  // Only the end of an unproven one's sender makes room for another unproven one.
  [[nodiscard]] bool unproven_full() const { return unproven_ >= limit_ - limit_ / 2; }
  void started(bool proven);
  void ended(bool proven);
  // The destination of a living sender took its first mail: another unproven one may start.
  void promoted();
  [[nodiscard]] std::uint32_t living() const { return proven_ + unproven_; }

private:
  static constexpr std::size_t kMostRemembered = 20'000;

  std::uint32_t limit_;
  std::uint32_t proven_ = 0;   // living senders of proven destinations
  std::uint32_t unproven_ = 0; // and for others
  std::map<std::string, std::uint64_t, std::less<>> successes_; // the last one's time
};

} // namespace waypost::deliver
