// Ranges: a set of recipient numbers, written "0-3,7". Recipients are numbered from 0 in the order
// of the envelope.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waypost {

class Ranges {
public:
  struct Range {
    std::uint32_t first;
    std::uint32_t last; // inclusive
    bool operator==(const Range&) const = default;
  };

  // Adds a number that is greater than all before it.
  void add(std::uint32_t number);
  [[nodiscard]] bool contains(std::uint32_t number) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }

  [[nodiscard]] std::string text() const;
  // Ascending, without overlap; anything else is none.
  [[nodiscard]] static std::optional<Ranges> parse(std::string_view text);
  bool operator==(const Ranges&) const = default;

private:
  std::vector<Range> ranges_;
};

} // namespace waypost
