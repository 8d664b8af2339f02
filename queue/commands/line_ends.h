// LineEnds: CRLF becomes LF, over pieces that may be cut anywhere.
#pragma once

#include <string>
#include <string_view>

namespace waypost::queue {

class LineEnds {
public:
  [[nodiscard]] std::string take(std::string_view piece) {
    std::string out;
    out.reserve(piece.size() + 1);
    for (const char c : piece) {
      if (cr_ && c != '\n') out += '\r';
      cr_ = c == '\r';
      if (!cr_) out += c;
    }
    return out;
  }
  // What was held back, when no more comes.
  [[nodiscard]] std::string end() const { return cr_ ? "\r" : ""; }

private:
  bool cr_ = false; // the last byte was a CR
};

} // namespace waypost::queue
