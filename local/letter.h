// Letter: the message as waypost-local gets it: wire form on a pipe, of a length that was
// announced.
//
// The pipe's end alone says nothing: it comes early when the manager dies. Whoever delivers learns
// from next() whether all of it came, and undoes what it did where it did not.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/mail/address.h"
#include "lib/sys/error.h"

namespace waypost::local {

// Who sent it and who gets it.
struct LocalEnvelope {
  std::string id; // of the message in the queue
  Address sender;
  Address recipient;
  std::string mailbox;
};

class Letter {
public:
  Letter(int fd, std::uint64_t length) : fd_(fd), left_(length) {}

  // The next piece in wire form, valid until the next call; empty at the message's end. An error:
  // it did not come whole.
  [[nodiscard]] Result<std::string_view> next();

private:
  int fd_;
  std::uint64_t left_;
  std::array<char, 16 * 1024> piece_;
};

// CRLF becomes LF. In wire form no CR and no LF stands alone.
class UnixLines {
public:
  // Valid until the next call.
  [[nodiscard]] std::string_view take(std::string_view wire);

private:
  std::string lines_;
};

// RFC 5321 4.4: the final delivery says who sent it; Delivered-To by which a loop is seen.
[[nodiscard]] std::string trace_lines(const LocalEnvelope& envelope, std::string_view line_end);

} // namespace waypost::local
