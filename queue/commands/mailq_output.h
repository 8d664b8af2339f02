// What mailq and `sendmail -bp` print: the listing that people and scripts know of Postfix, which
// took it from sendmail. A line begins with an id, or it is indented, or it begins with "--"; a
// blank line ends each message. `!` behind an id: held.
#pragma once

#include <cstdint>
#include <string>

#include "queue/commands/message_row.h"

namespace waypost::queue {

class MailqOutput {
public:
  // Whole lines; the first message's with the heading before it. Times are the machine's own.
  [[nodiscard]] std::string message(const MessageRow& row);
  // "-- 3 Kbytes in 2 Requests.", or that the queue is empty.
  [[nodiscard]] std::string end() const;

private:
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace waypost::queue
