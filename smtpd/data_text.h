// DataText: the message out of what follows a 354 (RFC 5321 4.1.1.4, 4.5.2), as a stream.
//
// Ends behind CRLF.CRLF and nowhere else, the CRLF of DATA's own line being the first one. Undoes
// the doubled dots. A CR or LF that stands alone never ends the message: where one server sees its
// end there and the next does not, a second message is smuggled past the checks of the first. One
// that holds a CR alone is marked, and must not be taken; so is one with an LF alone, unless such
// LFs are said to be ends of lines: then waypost-queue makes CRLF of them. NUL and 8-bit bytes
// pass. Nothing is buffered.
#pragma once

#include <cstdint>
#include <string_view>

namespace waypost::smtpd {

class DataText {
public:
  // `lf_ends_lines`: a program that writes LF throughout doubles its dots behind LF, or not at all:
  // behind an LF alone two dots are one, and one dot is one.
  explicit DataText(bool lf_ends_lines) : lf_ends_lines_(lf_ends_lines) {}

  // Takes the next piece of the message off `rest`, which is not empty; it may be empty. Behind the
  // end nothing more may be taken. Of a message that is marked, pieces may be missing.
  [[nodiscard]] std::string_view next(std::string_view& rest);
  [[nodiscard]] bool ended() const { return state_ == State::ended; }
  // A CR stood alone, or an LF that may not.
  [[nodiscard]] bool bare_line_end() const { return bare_; }

private:
  enum class State : std::uint8_t { line_begin, text, cr, dot, dot_cr, lf, lf_dot, ended };
  std::string_view take_lines(std::string_view& rest);
  std::string_view take_after_cr(std::string_view& rest);
  void take_after_dot(std::string_view& rest);
  std::string_view take_after_lf_dot(std::string_view& rest);

  bool lf_ends_lines_;
  State state_ = State::line_begin;
  bool bare_ = false;
};

} // namespace waypost::smtpd
