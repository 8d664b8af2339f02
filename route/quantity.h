// Quantities as waypost.toml writes them: durations "7m30s", sizes "100MB", rates "100/m".
//
// Units are never guessed: a number without one is refused, but for sizes, where it means bytes.
// kB, MB, GB are powers of 1000, KiB, MiB, GiB powers of 1024. Each function says in its error what
// is wrong with the text; what would be right is the caller's to add.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace waypost::route {

template <class T>
using Parsed = std::expected<T, std::string>; // or why not

// Milliseconds: numbers with d, h, m, s or ms, each unit at most once and from large to small.
[[nodiscard]] Parsed<std::uint64_t> parse_duration(std::string_view text);
// "7m30s": the form in which parse_duration() takes it.
[[nodiscard]] std::string duration_text(std::uint64_t milliseconds);

[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text); // bytes
// "100MB", "64KiB", "17B": the largest unit in which it is whole.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

struct Rate {
  std::uint32_t messages = 0;
  std::uint32_t period_s = 0;
};

[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text); // "100/m", "5/10s"
[[nodiscard]] std::string rate_text(const Rate& rate);

struct FreeMinimum {
  bool is_percent = false;
  std::uint64_t value = 0; // bytes, or percent
  bool operator==(const FreeMinimum&) const = default;
};

[[nodiscard]] Parsed<FreeMinimum> parse_free_minimum(std::string_view text); // "5%", "64MB"

} // namespace waypost::route
