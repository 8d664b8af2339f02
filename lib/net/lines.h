// LineReader: lines out of bytes that arrive in any pieces, with a cap on a line's length.
//
// No I/O: the owner fills space() from its stream and says how much came. A line ends with CRLF; a
// bare LF is taken too. The end is left out of the line, and not counted by the cap.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost::net {

class LineReader {
public:
  static constexpr std::size_t kMaxLine = 4096;

  // The next whole line that has arrived: a view that lasts until space(). None: fill in more.
  [[nodiscard]] Result<std::optional<std::string_view>> next();
  // Where further bytes go; never empty after next() had no line.
  [[nodiscard]] std::span<char> space();
  void filled(std::size_t count) { end_ += count; }
  // Nothing has arrived that was not taken.
  [[nodiscard]] bool empty() const { return start_ == end_; }
  void clear() { start_ = end_ = 0; }

private:
  std::array<char, 2 * kMaxLine> buffer_; // not initialised: pages are touched as they are used
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};

} // namespace waypost::net
