#include "lib/mail/ranges.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {

void Ranges::add(std::uint32_t number) {
  if (!ranges_.empty() && ranges_.back().last + 1 == number) {
    ranges_.back().last = number;
  } else {
    ranges_.push_back({number, number});
  }
}

bool Ranges::contains(std::uint32_t number) const {
  const auto after = std::ranges::upper_bound(ranges_, number, {}, &Range::first);
  return after != ranges_.begin() && std::prev(after)->last >= number;
}

std::uint64_t Ranges::count() const {
  std::uint64_t all = 0;
  for (const Range& one : ranges_)
    all += std::uint64_t{one.last} - one.first + 1;
  return all;
}

std::string Ranges::text() const {
  std::string all;
  for (const Range& one : ranges_) {
    if (!all.empty()) all += ',';
    all += std::to_string(one.first);
    if (one.last != one.first) all += '-' + std::to_string(one.last);
  }
  return all;
}

std::optional<Ranges> Ranges::parse(std::string_view text) {
  Ranges all;
  for (std::string_view part : split(text, ',')) {
    const std::string_view from = cut(part, '-');
    const auto first = parse_number(from, UINT32_MAX - 1);
    const auto last = part.empty() ? first : parse_number(part, UINT32_MAX - 1);
    if (!first || !last || *last < *first) return std::nullopt;
    if (!all.ranges_.empty() && *first <= all.ranges_.back().last) return std::nullopt;
    all.ranges_.push_back({static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)});
  }
  return all;
}

} // namespace waypost
