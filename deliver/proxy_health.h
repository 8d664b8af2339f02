// ProxyHealth: what the tries of all destinations, taken together, say of one proxy. No I/O.
//
// A failed try speaks of its destination. But a proxy that takes neither IPv4 nor IPv6, or that
// reaches none of ten different destinations in a row, is itself at fault, whatever it says: then
// the transport is held. One destination that is reached clears all of that.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "deliver/sender_records.h"

namespace waypost::deliver {

class ProxyHealth {
public:
  static constexpr std::size_t kMostInARow = 10;

  // What a try for that destination has shown; the outcome by which to hold the transport, if so.
  [[nodiscard]] std::optional<Outcome> take(const std::string& destination,
                                            const ProxyReport& report);

private:
  [[nodiscard]] std::optional<Outcome> count(const std::string& destination,
                                             const Outcome& outcome);

  std::set<std::string> not_reached_; // since one was
  bool no_ipv4_ = false;
  bool no_ipv6_ = false;
};

} // namespace waypost::deliver
