// Error: "we could not do it", as opposed to an Outcome, which is what the queue must know of a
// recipient.
//
// An Error carries a sentence for a person and the errno where a system call failed (0 otherwise).
// Functions that can fail return Result<T>; nothing here throws.
#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <string_view>

namespace waypost {

struct Error {
  int code = 0;     // errno, or 0 where no system call failed
  std::string text; // "open spool/new: Permission denied"
};

template <class T = void>
using Result = std::expected<T, Error>;

// An error that is not a system call's.
[[nodiscard]] std::unexpected<Error> fail(std::string text);

// A system call's error: `what` and the system's words for `code`.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view what, int code = errno);

} // namespace waypost
