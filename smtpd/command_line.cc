#include "smtpd/command_line.h"

namespace waypost::smtpd {

CommandLines::Kind CommandLines::next(std::string_view& rest) {
  if (ended_) {
    line_.clear();
    ended_ = too_long_ = false;
  }
  const std::size_t end = rest.find('\n');
  const std::string_view piece = rest.substr(0, end);
  too_long_ = too_long_ || line_.size() + piece.size() > kMaxLine;
  if (!too_long_) line_ += piece;
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (end == std::string_view::npos) return Kind::none;
  ended_ = true;
  if (too_long_) return Kind::too_long;
  if (!line_.ends_with('\r')) return Kind::bare_line_end;
  line_.pop_back();
  // A NUL would end the line early for whoever keeps it as a C string.
  constexpr std::string_view kNever("\r\0", 2);
  return line_.find_first_of(kNever) == std::string::npos ? Kind::whole : Kind::bare_line_end;
}

} // namespace waypost::smtpd
