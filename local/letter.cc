#include "local/letter.h"

#include <algorithm>
#include <unistd.h>

namespace waypost::local {

Result<std::string_view> Letter::next() {
  if (left_ == 0) return std::string_view();
  const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_.size()));
  ssize_t n = -1;
  do {
    n = ::read(fd_, piece_.data(), want);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return fail_errno("read the message");
  if (n == 0) return fail("the message did not come whole");
  left_ -= static_cast<std::uint64_t>(n);
  return std::string_view(piece_.data(), static_cast<std::size_t>(n));
}

std::string_view UnixLines::take(std::string_view wire) {
  lines_.clear();
  while (!wire.empty()) {
    const std::size_t cr = wire.find('\r');
    lines_ += wire.substr(0, cr);
    if (cr == std::string_view::npos) break;
    wire.remove_prefix(cr + 1); // its LF follows, in this piece or in the next one
  }
  return lines_;
}

std::string trace_lines(const LocalEnvelope& envelope, std::string_view line_end) {
  std::string lines = "Return-Path: <" + envelope.sender.text() + ">";
  lines += line_end;
  lines += "Delivered-To: " + envelope.recipient.text();
  lines += line_end;
  return lines;
}

} // namespace waypost::local
