// Names: the words by which the values of an enum stand in files, on pipes and in commands. One
// table serves writer and reader.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace waypost {

template <class Value, std::size_t N>
using Names = std::array<std::pair<Value, std::string_view>, N>;

// The value's word; "" for a value that has none.
template <class Value, std::size_t N>
[[nodiscard]] constexpr std::string_view word_of(const Names<Value, N>& names, Value value) {
  const auto at = std::ranges::find(names, value, &std::pair<Value, std::string_view>::first);
  return at == names.end() ? std::string_view{} : at->second;
}

template <class Value, std::size_t N>
[[nodiscard]] constexpr std::optional<Value> value_of(const Names<Value, N>& names,
                                                      std::string_view word) {
  const auto at = std::ranges::find(names, word, &std::pair<Value, std::string_view>::second);
  return at == names.end() ? std::nullopt : std::optional(at->first);
}

} // namespace waypost
