// Answer: one reply of ours, "550 5.7.1 text" without its line end. A reply of several lines has
// them divided by '\n', each with the code before it.
#pragma once

#include <expected>
#include <string>

namespace waypost::smtpd {

using Answer = std::string;

// A value, or the answer that says why there is none.
template <class T>
using Answered = std::expected<T, Answer>;

[[nodiscard]] inline std::unexpected<Answer> refuse(std::string answer) {
  return std::unexpected(std::move(answer));
}

} // namespace waypost::smtpd
