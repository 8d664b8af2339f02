// BodyHash: SHA-256 of a message's body in one of the two canonical forms, made while the body
// passes; RFC 6376 3.4.3 and 3.4.4. What may turn out to be the end of the body (empty lines, white
// space at the end of a line) is counted, never kept: memory does not grow with the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dkim/sha256.h"

namespace waypost::dkim {

enum class Canonical : std::uint8_t { simple, relaxed };

class BodyHash {
public:
  explicit BodyHash(Canonical form) : form_(form) {}

  // A stretch of a line, without CR and LF.
  void text(std::string_view piece);
  void end_line();
  // The 32 bytes. Called once, last; the last line was ended.
  [[nodiscard]] std::string finish();

private:
  void relaxed_text(std::string_view piece);
  void put(std::string_view bytes);

  Canonical form_;
  Sha256 hash_;
  std::uint64_t empty_lines_ = 0; // that nothing has followed yet
  bool in_line_ = false;          // something of the line was put
  bool white_ = false;            // relaxed: white space that nothing has followed yet
  bool any_ = false;              // something was put
};

} // namespace waypost::dkim
