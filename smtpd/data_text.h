// DataText: the message out of what follows a 354 (RFC 5321 4.1.1.4, 4.5.2), as a stream.
//
// Ends behind CRLF.CRLF and nowhere else, the CRLF of DATA's own line being the first one. Undoes
// the doubled dots. A CR or LF that stands alone is never the end of a line: where one server sees
// an end of the message there and the next does not, a second message is smuggled past the checks
// of the first. A message that holds one is marked, and must not be taken. NUL and 8-bit bytes
// pass. Nothing is buffered.
#pragma once

#include <cstdint>
#include <string_view>

namespace waypost::smtpd {

class DataText {
public:
  // Takes the next piece of the message off `rest`, which is not empty; it may be empty. Behind the
  // end nothing more may be taken. Of a message that is marked, pieces may be missing.
  [[nodiscard]] std::string_view next(std::string_view& rest);
  [[nodiscard]] bool ended() const { return state_ == State::ended; }
  // A CR or LF stood alone.
  [[nodiscard]] bool bare_line_end() const { return bare_; }

private:
  enum class State : std::uint8_t { line_begin, text, cr, dot, dot_cr, ended };
  std::string_view take_lines(std::string_view& rest);
  std::string_view take_after_cr(std::string_view& rest);
  void take_after_dot(std::string_view& rest);

  State state_ = State::line_begin;
  bool bare_ = false;
};

} // namespace waypost::smtpd
