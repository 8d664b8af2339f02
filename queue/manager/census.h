// Census: how many messages are in which state, by the transport that tried them last, and when the
// oldest of them arrived. Kept as messages come, change and go; nobody walks over the queue for it.
//
// Memory: five numbers a transport, and one for each half minute in which a message arrived that is
// still here. A transport is a number here; Figures knows its name. 0: none has tried the message
// since the manager began.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/sys/clock.h"

namespace waypost::queue {

enum class QueueState : std::uint8_t {
  fresh,    // its first turn comes as soon as a place is free
  active,   // a turn of it runs, or a command changes it
  deferred, // until its next attempt is due
  held,     // by hand
  parked,   // a notice whose origin has not noted it yet
};
inline constexpr std::array kQueueStates{QueueState::fresh, QueueState::active,
                                         QueueState::deferred, QueueState::held,
                                         QueueState::parked};
[[nodiscard]] std::string_view name(QueueState state);

using Lane = std::uint16_t; // a transport

class Census {
public:
  void came(QueueState state, Lane lane, WallUs arrived);
  void went(QueueState state, Lane lane, WallUs arrived);
  void changed(Lane lane, QueueState from, QueueState to);
  void changed(QueueState state, Lane from, Lane to);

  [[nodiscard]] std::size_t count(QueueState state) const;
  [[nodiscard]] std::size_t count(QueueState state, Lane lane) const;
  [[nodiscard]] std::size_t lanes() const { return by_lane_.size(); }
  // No message here is older; one is that old, but for half a minute. None: the queue is empty.
  [[nodiscard]] std::optional<WallUs> oldest() const;

private:
  using States = std::array<std::size_t, kQueueStates.size()>;
  [[nodiscard]] std::size_t& at(QueueState state, Lane lane);

  std::vector<States> by_lane_;
  States all_{};
  std::map<WallUs, std::size_t> arrivals_; // by half minutes
};

} // namespace waypost::queue
