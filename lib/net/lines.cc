#include "lib/net/lines.h"

#include <cstring>

namespace waypost::net {

Result<std::optional<std::string_view>> LineReader::next() {
  const std::string_view arrived(buffer_.data() + start_, end_ - start_);
  const std::size_t feed = arrived.find('\n');
  if (feed == std::string_view::npos) {
    // A CR at the end may belong to the line's end.
    if (arrived.size() > kMaxLine + 1) return fail("line longer than 4096 bytes");
    return std::nullopt;
  }
  start_ += feed + 1;
  std::string_view line = arrived.substr(0, feed);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.size() > kMaxLine) return fail("line longer than 4096 bytes");
  return line;
}

std::span<char> LineReader::space() {
  if (start_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
  }
  return std::span(buffer_).subspan(end_);
}

} // namespace waypost::net
