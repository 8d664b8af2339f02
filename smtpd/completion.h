// Completion: Date, From and Message-ID of a message whose program wrote none. RFC 5322 3.6 asks
// for the first two and many servers refuse mail without the third; RFC 6409 8 lets whoever takes
// submissions add them. sendmail does the same (queue/inject/header_completion.h).
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/clock.h"

namespace waypost::smtpd {

struct Completion {
  std::string hostname;
  std::string sender; // of the envelope; empty: the null sender
  WallUs now = 0;
};

// What is to stand before the message, in wire form: the fields that are missing, and an empty line
// where the message begins with no field. `begin`: its first bytes; `whole`: all of them. Nothing
// when none is missing, or when the header section goes on behind them.
[[nodiscard]] std::string missing_fields(std::string_view begin, bool whole,
                                         const Completion& completion);

} // namespace waypost::smtpd
