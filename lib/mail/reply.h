// Reply: what an SMTP server answers to a command (RFC 5321 4.2), parsed line by line as it
// arrives.
//
// Bounds: 4096 bytes a line, 64 KiB a reply; codes are three digits, the first 2 to 5, the same on
// every line; no NUL. Whatever breaks them is a protocol error, after which the connection is of no
// more use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost {

// RFC 3463: class.subject.detail.
struct EnhancedCode {
  std::uint8_t klass = 0; // 2, 4 or 5; 0: none
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;

  [[nodiscard]] bool present() const { return klass != 0; }
  [[nodiscard]] std::string text() const; // "5.1.1", or "" when there is none
  // From the start of `text`, which must end there or go on with a space.
  [[nodiscard]] static std::optional<EnhancedCode> parse(std::string_view text);
  bool operator==(const EnhancedCode&) const = default;
};

struct Reply {
  int code = 0;        // 200 to 599; 0: no reply
  std::string text;    // the lines without code and separator, joined by '\n'
  EnhancedCode status; // from the first line, when its class fits the code

  [[nodiscard]] bool positive() const { return code >= 200 && code < 300; }
  [[nodiscard]] bool intermediate() const { return code >= 300 && code < 400; }
  [[nodiscard]] bool transient() const { return code >= 400 && code < 500; }
  [[nodiscard]] bool permanent() const { return code >= 500; }
  // "550 5.1.1 No such user / second line": one line for people, with lines joined by " / ".
  [[nodiscard]] std::string one_line() const;
};

class ReplyParser {
public:
  static constexpr std::size_t kMaxLine = 4096;
  static constexpr std::size_t kMaxReply = 65536;

  // One line without its CRLF (a bare LF is taken too). The reply when this was its last line.
  [[nodiscard]] Result<std::optional<Reply>> line(std::string_view text);

private:
  Reply reply_;
  std::size_t bytes_ = 0;
};

} // namespace waypost
