// What waypost-list prints: a line a message, for a person or as JSON.
#pragma once

#include <string>

#include "queue/commands/message_row.h"

namespace waypost::queue {

// The object documented in waypost-list(1), without a line end.
[[nodiscard]] std::string list_json(const MessageRow& row);

// Columns; safe to print. `now` is for "in 7m".
[[nodiscard]] std::string list_heading();
[[nodiscard]] std::string list_line(const MessageRow& row, WallUs now);

// "7m", "3h", "2d", of microseconds; "now" below a second.
[[nodiscard]] std::string short_span(WallUs span);
// "731", "12K", "3.4M".
[[nodiscard]] std::string short_size(std::uint64_t bytes);
// As it is, or "<>" for a null sender.
[[nodiscard]] std::string shown_sender(const std::string& sender);

} // namespace waypost::queue
