// CommandLines: the lines of a client's commands, cut from bytes as they come.
//
// Only CRLF ends a command (RFC 5321 2.3.8). A line that ends with LF alone, or that holds a CR or
// a NUL, is answered and never obeyed: what one server takes for two commands another takes for
// one. A line beyond the limit is dropped up to its end, and answered once (RFC 5321 4.5.3.1.9).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace waypost::smtpd {

class CommandLines {
public:
  // RFC 5321 4.5.3.1.4 asks for 512 bytes, the extensions of ours for some 700 more;
  // internationalized addresses are longer.
  static constexpr std::size_t kMaxLine = 2048;

  enum class Kind : std::uint8_t { none, whole, too_long, bare_line_end };

  // Takes bytes off `rest` up to the end of a line; `none`: all were taken, and the line goes on.
  [[nodiscard]] Kind next(std::string_view& rest);
  // The line that was `whole`, without its end. Valid until the next call.
  [[nodiscard]] std::string_view line() const { return line_; }

private:
  std::string line_;
  bool too_long_ = false;
  bool ended_ = true; // line_ belongs to the line before
};

} // namespace waypost::smtpd
