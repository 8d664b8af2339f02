// The words of a script: times, counts, and bytes in quotes. Each takes what it reads off `rest`,
// or says what is wrong and what would be right.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace waypost::demo {

template <class T>
using Word = std::expected<T, std::string>;

// The next word, and the blanks behind it; "" at the end of the line.
[[nodiscard]] std::string_view next_word(std::string_view& rest);

[[nodiscard]] Word<std::chrono::milliseconds> take_time(std::string_view& rest); // 200ms, 5s, 2m
[[nodiscard]] Word<std::uint64_t> take_count(std::string_view& rest, std::uint64_t most);
// "in quotes": \r \n \t \0 \\ \" and \xNN stand for one byte each.
[[nodiscard]] Word<std::string> take_bytes(std::string_view& rest);
// Nothing may be left.
[[nodiscard]] Word<void> end_of_line(std::string_view rest);

} // namespace waypost::demo
