// DotStop: a line that holds a dot alone ends the message, unless the caller said -i.
//
// A filter without a buffer: next() returns the pieces that belong to the message. LF, CR and CRLF
// end lines. Nothing is un-stuffed: on a command line dots are not doubled.
#pragma once

#include <string_view>

namespace waypost::queue {

class DotStop {
public:
  explicit DotStop(bool ignore_dots) : ignore_(ignore_dots) {}

  // Takes the next piece off `rest`, which is not empty; it may be empty. Once ended() is true,
  // what is left of `rest` does not belong to the message.
  [[nodiscard]] std::string_view next(std::string_view& rest);
  // A dot in the last line that has no end ends the message as well: so nothing is held back.
  [[nodiscard]] bool ended() const { return ended_; }

private:
  bool ignore_;
  bool at_start_ = true; // of a line
  bool dot_ = false;     // which began with a dot that was held back
  bool ended_ = false;
};

} // namespace waypost::queue
