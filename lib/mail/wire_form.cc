#include "lib/mail/wire_form.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::size_t line_length(std::string_view bytes) {
  // Two searches that the C library does in wide steps beat one that looks at each byte.
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const std::size_t cr = line.find('\r');
  return cr == std::string_view::npos ? line.size() : cr;
}

bool holds_eight_bit(std::string_view bytes) {
  unsigned char all = 0;
  for (const char c : bytes)
    all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return (all & 0x80) != 0;
}

bool names_received(std::string_view begin) {
  constexpr std::string_view kName = "received";
  return begin.size() > kName.size() && equal_ignoring_case(begin.substr(0, kName.size()), kName) &&
         std::string_view(": \t").find(begin[kName.size()]) != std::string_view::npos;
}

} // namespace

std::string_view WireForm::next(std::string_view& rest) {
  const bool completes = after_cr_ && rest.front() == '\n';
  after_cr_ = false;
  if (completes) {
    rest.remove_prefix(1);
    return {};
  }
  if (rest.front() == '\n' || rest.front() == '\r') {
    after_cr_ = rest.front() == '\r';
    rest.remove_prefix(1);
    return end_line();
  }
  const std::string_view piece = rest.substr(0, line_length(rest));
  rest.remove_prefix(piece.size());
  see(piece);
  return piece;
}

std::string_view WireForm::finish() {
  return in_line_ ? end_line() : std::string_view();
}

void WireForm::see(std::string_view piece) {
  in_line_ = true;
  eight_bit_ = eight_bit_ || holds_eight_bit(piece);
  if (!in_header_) return;
  const std::size_t more = std::min(piece.size(), begin_.size() - begun_);
  std::copy_n(piece.begin(), more, begin_.begin() + static_cast<std::ptrdiff_t>(begun_));
  begun_ += more;
}

std::string_view WireForm::end_line() {
  if (in_header_) {
    if (!in_line_) in_header_ = false; // the empty line behind the header section
    if (names_received({begin_.data(), begun_})) ++hops_;
    begun_ = 0;
  }
  in_line_ = false;
  return kLineEnd;
}

} // namespace waypost
