// The words of a token command, as they stand in a credential: each a netstring, so that a word may
// hold anything but NUL and the end of a line. No shell ever sees them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::sasl {

inline constexpr std::size_t kMostCommandWords = 64;

// An error when the first is no absolute path, or one cannot be kept.
[[nodiscard]] Result<std::string> join_command_words(std::span<const std::string> words);
[[nodiscard]] Result<std::vector<std::string>> command_words(std::string_view joined);

} // namespace waypost::sasl
