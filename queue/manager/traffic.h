// Traffic: what happens at each destination at present, for `waypost top`. The thousand
// destinations that mail was last for; of each its outcomes, its last failure, and the oldest
// messages that go there. A destination that comes beyond them takes the place of the one that was
// silent longest. No I/O, constant work an event.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/mail/message_id.h"
#include "queue/manager/figures.h"

namespace waypost::queue {

struct DestinationFigures {
  static constexpr std::size_t kOldest = 4;

  std::string transport;
  std::string destination;
  std::uint64_t delivered = 0;
  std::uint64_t deferred = 0;
  std::uint64_t failed = 0;
  Rate rate; // of outcomes
  std::array<std::uint64_t, kClasses> classes{};
  FailureClass last_class = FailureClass::none; // of the last outcome that was a failure
  std::string last_reply;                       // its text, cut
  std::vector<std::string> oldest;              // ids, ascending; never those of notices
};

class Traffic {
public:
  static constexpr std::size_t kMost = 1'000;

  // Recipients of a message wait for that destination.
  void waits(const std::string& transport, const std::string& destination, const std::string& id);
  void outcome(const std::string& transport, const std::string& destination, const std::string& id,
               const Outcome& outcome, BootMs now);

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] const std::list<DestinationFigures>& all() const { return order_; } // newest first

private:
  using Order = std::list<DestinationFigures>;
  DestinationFigures& at(const std::string& transport, const std::string& destination);

  Order order_;
  std::unordered_map<std::string, Order::iterator> by_name_;
};

} // namespace waypost::queue
