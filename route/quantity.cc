#include "route/quantity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> kDurations{{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> kSizes{{
    {"", 1},
    {"b", 1},
    {"kb", 1'000},
    {"mb", 1'000'000},
    {"gb", 1'000'000'000},
    {"tb", 1'000'000'000'000},
    {"kib", std::uint64_t{1} << 10},
    {"mib", std::uint64_t{1} << 20},
    {"gib", std::uint64_t{1} << 30},
    {"tib", std::uint64_t{1} << 40},
}};

// As people write them.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 9> kSizeWords{{
    {"TiB", std::uint64_t{1} << 40},
    {"TB", 1'000'000'000'000},
    {"GiB", std::uint64_t{1} << 30},
    {"GB", 1'000'000'000},
    {"MiB", std::uint64_t{1} << 20},
    {"MB", 1'000'000},
    {"KiB", std::uint64_t{1} << 10},
    {"kB", 1'000},
    {"B", 1},
}};

constexpr std::uint64_t kMost = std::uint64_t{1} << 60;

std::string_view take_digits(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const std::string_view digits = rest.substr(0, end);
  rest.remove_prefix(end);
  return digits;
}

std::string_view take_letters(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("0123456789"), rest.size());
  const std::string_view letters = rest.substr(0, end);
  rest.remove_prefix(end);
  return letters;
}

// The product, unless it is beyond all bounds.
Parsed<std::uint64_t> times(std::string_view digits, std::uint64_t unit) {
  const auto number = parse_number(digits, kMost / unit);
  if (!number) return std::unexpected("is too large");
  return *number * unit;
}

} // namespace

Parsed<std::uint64_t> parse_duration(std::string_view text) {
  std::uint64_t all = 0;
  std::size_t next_unit = 0;
  if (text.empty()) return std::unexpected("is empty");
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view digits = take_digits(rest);
    const std::string_view letters = take_letters(rest);
    if (digits.empty()) return std::unexpected("is not a number with a unit");
    if (letters.empty()) {
      return std::unexpected("has a number without a unit (d, h, m, s or ms)");
    }
    std::size_t unit = 0;
    while (unit < kDurations.size() && kDurations[unit].first != letters)
      ++unit;
    if (unit == kDurations.size()) {
      return std::unexpected("has an unknown unit (there are d, h, m, s and ms)");
    }
    if (unit < next_unit) return std::unexpected("does not go from large units to small ones");
    next_unit = unit + 1;
    const Parsed<std::uint64_t> part = times(digits, kDurations[unit].second);
    if (!part) return part;
    all += *part;
  }
  return all;
}

std::string duration_text(std::uint64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  std::string text;
  for (const auto& [unit, length] : kDurations) {
    if (milliseconds < length) continue;
    text += std::to_string(milliseconds / length);
    text += unit;
    milliseconds %= length;
  }
  return text;
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  std::string_view rest = text;
  const std::string_view digits = take_digits(rest);
  if (digits.empty()) return std::unexpected("is not a number with a unit");
  const std::string unit = ascii_lower(trim(rest));
  for (const auto& [name, bytes] : kSizes) {
    if (name == unit) return times(digits, bytes);
  }
  return std::unexpected("has an unknown unit");
}

std::string size_text(std::uint64_t bytes) {
  const auto whole = [&](const auto& unit) {
    return bytes >= unit.second && bytes % unit.second == 0;
  };
  const auto* const found = std::ranges::find_if(kSizeWords, whole);
  if (found == kSizeWords.end()) return "0B";
  return std::to_string(bytes / found->second) + std::string(found->first);
}

std::string rate_text(const Rate& rate) {
  const std::string period = duration_text(std::uint64_t{rate.period_s} * 1000);
  const bool one = period.size() == 2 && period.front() == '1';
  return std::to_string(rate.messages) + "/" + (one ? period.substr(1) : period);
}

Parsed<Rate> parse_rate(std::string_view text) {
  std::string_view period = text;
  const auto messages = parse_number(cut(period, '/'), 1'000'000'000);
  if (!messages || *messages == 0) return std::unexpected("has no number above 0 before a slash");
  if (period.empty()) return std::unexpected("does not say in what time");
  const bool bare = period.front() < '0' || period.front() > '9';
  const Parsed<std::uint64_t> length = parse_duration((bare ? "1" : "") + std::string(period));
  if (!length) return std::unexpected(length.error() + " after the slash");
  constexpr std::uint64_t kDay = 86'400'000;
  if (*length < 1'000 || *length > kDay || *length % 1'000 != 0) {
    return std::unexpected("counts in a time that is not from 1s to 1d in whole seconds");
  }
  return Rate{static_cast<std::uint32_t>(*messages), static_cast<std::uint32_t>(*length / 1'000)};
}

Parsed<FreeMinimum> parse_free_minimum(std::string_view text) {
  if (text.ends_with('%')) {
    const auto percent = parse_number(text.substr(0, text.size() - 1), 99);
    if (!percent) return std::unexpected("is not a whole number of percent from 0% to 99%");
    return FreeMinimum{true, *percent};
  }
  const Parsed<std::uint64_t> bytes = parse_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  return FreeMinimum{false, *bytes};
}

} // namespace waypost::route
