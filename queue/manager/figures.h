// Figures: what the queue manager has counted since it began: attempts and outcomes by transport,
// how long they took, what was accepted, told and finished. Constant work an event, about 1.5 KB a
// transport, nothing a message. No I/O. Gauges are elsewhere: Census, JobQueue, SenderState.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "lib/mail/notice_request.h"
#include "lib/mail/outcome.h"
#include "queue/manager/census.h"

namespace waypost::queue {

inline constexpr std::size_t kDispositions = std::size_t{1} + std::size_t(Disposition::expanded);
inline constexpr std::size_t kClasses = std::size_t{1} + std::size_t(FailureClass::other);
inline constexpr std::size_t kNoticeKinds = std::size_t{1} + std::size_t(NoticeKind::relayed);

// How many of something there were in a minute, lately: a sum that fades with a time constant of a
// minute.
class Rate {
public:
  void count(BootMs now);
  [[nodiscard]] double per_minute(BootMs now) const;

private:
  double sum_ = 0;
  BootMs at_ = 0;
};

class Histogram {
public:
  static constexpr std::size_t kBounds = 14;
  using Bounds = std::array<std::uint32_t, kBounds>; // ms, ascending; beyond the last: one more

  explicit Histogram(const Bounds& bounds) : bounds_(&bounds) {}
  void add(std::uint64_t ms);
  [[nodiscard]] const Bounds& bounds() const { return *bounds_; }
  // Within each bound, those of the smaller ones included.
  [[nodiscard]] std::array<std::uint64_t, kBounds> within() const;
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum_ms() const { return sum_ms_; }

private:
  const Bounds* bounds_;
  std::array<std::uint64_t, kBounds> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ms_ = 0;
};

struct TransportFigures {
  explicit TransportFigures(std::string_view transport) : name(transport) {}

  using Classes = std::array<std::uint64_t, kClasses>;
  std::string name; // empty: no transport was involved
  std::array<Classes, kDispositions> outcomes{};
  std::uint64_t tried = 0;   // recipients' attempts that touched the network
  std::uint64_t untried = 0; // and those that a known failure answered
  Histogram delivery{kDeliveryBounds};
  Histogram attempt{kAttemptBounds};
  Rate delivered;
  Rate deferred;
  Rate failed;

  static constexpr Histogram::Bounds kDeliveryBounds{
      100,     500,       1'000,      5'000,      15'000,     60'000,      300'000,
      900'000, 3'600'000, 14'400'000, 43'200'000, 86'400'000, 259'200'000, 432'000'000};
  static constexpr Histogram::Bounds kAttemptBounds{50,      100,     250,     500,      1'000,
                                                    2'500,   5'000,   10'000,  30'000,   60'000,
                                                    120'000, 300'000, 600'000, 1'800'000};
};

class Figures {
public:
  explicit Figures(WallUs began) : began_(began) { by_lane_.emplace_back(""); }

  // The number of a transport, from 1; 0 for none, and for those beyond the thousandth.
  [[nodiscard]] Lane lane(std::string_view transport);
  void outcome(Lane lane, const Outcome& outcome, WallUs age, BootMs now);
  void attempt(Lane lane, BootMs took) {
    by_lane_[lane].attempt.add(static_cast<std::uint64_t>(took));
  }
  void accepted() { ++accepted_; }
  void removed() { ++removed_; }
  void damaged() { ++damaged_; }
  void notice(NoticeKind kind) { ++notices_[static_cast<std::size_t>(kind)]; }

  [[nodiscard]] WallUs began() const { return began_; }
  [[nodiscard]] std::size_t lanes() const { return by_lane_.size(); }
  [[nodiscard]] const TransportFigures& of(Lane lane) const { return by_lane_[lane]; }
  [[nodiscard]] std::uint64_t accepted_total() const { return accepted_; }
  [[nodiscard]] std::uint64_t removed_total() const { return removed_; }
  [[nodiscard]] std::uint64_t damaged_total() const { return damaged_; }
  [[nodiscard]] std::uint64_t notices_total(NoticeKind kind) const {
    return notices_[static_cast<std::size_t>(kind)];
  }

private:
  static constexpr std::size_t kMostLanes = 1'001;

  WallUs began_;
  std::deque<TransportFigures> by_lane_;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::uint64_t accepted_ = 0;
  std::uint64_t removed_ = 0;
  std::uint64_t damaged_ = 0;
  std::array<std::uint64_t, kNoticeKinds> notices_{};
};

} // namespace waypost::queue
