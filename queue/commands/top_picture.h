// TopPicture: one picture of what happens at present, put together from the answers to `top`, for a
// terminal of any size and as JSON. All text of others is made safe to look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/mail/sender_state.h"
#include "lib/sys/clock.h"

namespace waypost::queue {

struct TopRow { // a transport, or a destination
  std::string transport;
  std::string destination;
  std::uint64_t messages = 0;  // of a transport: in the queue
  std::uint64_t waiting = 0;   // jobs
  std::uint64_t under_way = 0; // jobs
  // Thousandths a minute; of a destination `delivered_rate` is the rate of all outcomes.
  std::uint64_t delivered_rate = 0;
  std::uint64_t deferred_rate = 0;
  std::uint64_t failed_rate = 0;
  std::uint64_t delivered = 0;
  std::uint64_t deferred = 0;
  std::uint64_t failed = 0;
  std::optional<WallUs> oldest;
  struct Class {
    std::string name;
    std::uint64_t count = 0;
  };
  std::vector<Class> classes;
  std::string reply; // the last one that was no success
};

class TopPicture {
public:
  [[nodiscard]] Result<> take(const Record& answer);
  // At most `height` lines, at most `width` characters each.
  [[nodiscard]] std::vector<std::string> lines(std::size_t width, std::size_t height,
                                               WallUs now) const;
  [[nodiscard]] std::string json() const;

private:
  std::vector<std::string> head(WallUs now) const;
  std::vector<std::string> transport_lines() const;
  std::vector<std::string> destination_lines(WallUs now) const;

  Record queue_;
  SenderState senders_;
  std::vector<TopRow> transports_;
  std::vector<TopRow> destinations_;
};

} // namespace waypost::queue
