#include "queue/manager/figures.h"

#include <algorithm>

namespace waypost::queue {
namespace {

// What is left of a sum after a millisecond: e to the power of -1/60,000.
constexpr double kLeftAfterMs = 0.9999833334722215;

// And after `ms` of them, squared step by step: the mathematical library's half megabyte would be
// loaded for this alone.
double left_after(std::uint64_t ms) {
  double left = 1;
  for (double factor = kLeftAfterMs; ms != 0; ms >>= 1, factor *= factor)
    if ((ms & 1) != 0) left *= factor;
  return left;
}

} // namespace

void Rate::count(BootMs now) {
  sum_ = per_minute(now) + 1;
  at_ = now;
}

double Rate::per_minute(BootMs now) const {
  return sum_ == 0 ? 0 : sum_ * left_after(static_cast<std::uint64_t>(now - at_));
}

void Histogram::add(std::uint64_t ms) {
  ++count_;
  sum_ms_ += ms;
  const auto bound = std::ranges::lower_bound(*bounds_, ms);
  if (bound != bounds_->end()) ++counts_[static_cast<std::size_t>(bound - bounds_->begin())];
}

std::array<std::uint64_t, Histogram::kBounds> Histogram::within() const {
  std::array<std::uint64_t, kBounds> sums{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBounds; ++i)
    sums[i] = sum += counts_[i];
  return sums;
}

Lane Figures::lane(std::string_view transport) {
  if (transport.empty()) return 0;
  const auto known = lanes_.find(transport);
  if (known != lanes_.end()) return known->second;
  if (by_lane_.size() == kMostLanes) return 0;
  const auto made = static_cast<Lane>(by_lane_.size());
  by_lane_.emplace_back(transport);
  lanes_.emplace(transport, made);
  return made;
}

void Figures::outcome(Lane lane, const Outcome& outcome, WallUs age, BootMs now) {
  TransportFigures& of = by_lane_[lane];
  ++of.outcomes[static_cast<std::size_t>(outcome.disposition)]
               [static_cast<std::size_t>(outcome.klass)];
  if (lane != 0) ++(outcome.tried ? of.tried : of.untried);
  switch (outcome.disposition) {
  case Disposition::delivered:
  case Disposition::relayed:
  case Disposition::expanded:
    of.delivered.count(now);
    of.delivery.add(static_cast<std::uint64_t>(age) / 1000);
    break;
  case Disposition::deferred: of.deferred.count(now); break;
  case Disposition::failed:
  case Disposition::moved: of.failed.count(now); break;
  }
}

} // namespace waypost::queue
