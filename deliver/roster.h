// Roster: which destinations may have a sender, when there may not be one for each. No I/O.
//
// At most `limit` senders live. Half of them are kept for destinations that took mail within the
// last hour (proven); new and silent ones (unknown) share the other half with those that are known
// to fail and wait for a probe (failing), who get half of that half. So a thousand dead domains
// never stop the mail of those that work, nor for long that of new ones.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace waypost::deliver {

enum class Standing : std::uint8_t { proven, unknown, failing };
inline constexpr std::array kStandings{Standing::proven, Standing::unknown, Standing::failing};

class Roster {
public:
  static constexpr std::uint64_t kProvenMs = 3600'000;

  explicit Roster(std::uint32_t limit) { set_limit(limit); }
  void set_limit(std::uint32_t limit) { limit_ = limit < 2 ? 2 : limit; }

  void succeeded(const std::string& destination, std::uint64_t now_ms);
  [[nodiscard]] bool proven(const std::string& destination, std::uint64_t now_ms) const;

  // Whether a sender of that standing may start beside those that live, once one of `ending` has
  // ended.
  [[nodiscard]] bool room(Standing standing, std::optional<Standing> ending = {}) const;
  void started(Standing standing) { ++count(standing); }
  void ended(Standing standing) { --count(standing); }
  // A living sender's destination took its first mail, or failed.
  void changed(Standing from, Standing to) {
    ended(from);
    started(to);
  }
  [[nodiscard]] std::uint32_t living() const { return living_[0] + living_[1] + living_[2]; }

private:
  static constexpr std::size_t kMostRemembered = 20'000;
  [[nodiscard]] std::uint32_t& count(Standing standing) {
    return living_[static_cast<std::size_t>(standing)];
  }

  std::uint32_t limit_ = 2;
  std::array<std::uint32_t, kStandings.size()> living_{};       // senders, by standing
  std::map<std::string, std::uint64_t, std::less<>> successes_; // the last one's time
};

} // namespace waypost::deliver
