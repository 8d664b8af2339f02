// Queue listing: what `waypost list --json` says of the messages that wait, read back, live or from
// a file that somebody saved (waypost-list(1)).
//
// Of each line only what a route query needs is kept. Keys that are not known are passed over: they
// may be added; one that is missing, or holds something else, is an error that names it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/address.h"
#include "lib/mail/route_query.h"
#include "lib/sys/error.h"

namespace waypost::route {

struct WaitingRecipient {
  Address address;
  std::uint32_t attempts = 0; // made so far
  FailureClasses classes;
  std::vector<std::string> refused;
};

struct WaitingMessage {
  std::string id;
  Address sender; // null: the null sender
  std::string account;
  std::string hand; // the transport set by hand, or empty
  bool held = false;
  std::vector<WaitingRecipient> recipients; // those that are pending
};

// One line, without its end.
[[nodiscard]] Result<WaitingMessage> read_listed(std::string_view line);

// The question that the recipient's next attempt will ask.
[[nodiscard]] RouteQuery next_query(const WaitingMessage& message,
                                    const WaitingRecipient& recipient);

// Reads lines from `fd` to its end. An error names the line.
[[nodiscard]] Result<> read_listing(int fd, const std::function<void(const WaitingMessage&)>& each);

} // namespace waypost::route
