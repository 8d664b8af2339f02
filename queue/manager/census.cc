#include "queue/manager/census.h"

namespace waypost::queue {
namespace {

constexpr int kArrivalBits = 25; // 33.6 seconds in microseconds

} // namespace

std::string_view name(QueueState state) {
  switch (state) {
  case QueueState::fresh: return "fresh";
  case QueueState::active: return "active";
  case QueueState::deferred: return "deferred";
  case QueueState::held: return "held";
  case QueueState::parked: return "parked";
  }
  return "";
}

std::size_t& Census::at(QueueState state, Lane lane) {
  if (lane >= by_lane_.size()) by_lane_.resize(std::size_t{lane} + 1);
  return by_lane_[lane][static_cast<std::size_t>(state)];
}

void Census::came(QueueState state, Lane lane, WallUs arrived) {
  ++at(state, lane);
  ++all_[static_cast<std::size_t>(state)];
  ++arrivals_[arrived >> kArrivalBits];
}

void Census::went(QueueState state, Lane lane, WallUs arrived) {
  --at(state, lane);
  --all_[static_cast<std::size_t>(state)];
  const auto when = arrivals_.find(arrived >> kArrivalBits);
  if (when != arrivals_.end() && --when->second == 0) arrivals_.erase(when);
}

void Census::changed(Lane lane, QueueState from, QueueState to) {
  if (from == to) return;
  --at(from, lane);
  ++at(to, lane);
  --all_[static_cast<std::size_t>(from)];
  ++all_[static_cast<std::size_t>(to)];
}

void Census::changed(QueueState state, Lane from, Lane to) {
  if (from == to) return;
  --at(state, from);
  ++at(state, to);
}

std::size_t Census::count(QueueState state) const {
  return all_[static_cast<std::size_t>(state)];
}

std::size_t Census::count(QueueState state, Lane lane) const {
  return lane < by_lane_.size() ? by_lane_[lane][static_cast<std::size_t>(state)] : 0;
}

std::optional<WallUs> Census::oldest() const {
  if (arrivals_.empty()) return std::nullopt;
  return arrivals_.begin()->first << kArrivalBits;
}

} // namespace waypost::queue
