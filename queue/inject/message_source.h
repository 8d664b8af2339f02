// MessageSource: a message on standard input as sendmail takes it: its header section whole, then
// its body piece by piece, up to the end of the input or to a lone dot (dot_stop.h).
//
// An error with an errno is one of reading; one without is about the message.
#pragma once

#include <array>
#include <string_view>

#include "queue/inject/dot_stop.h"
#include "queue/inject/header_section.h"

namespace waypost::queue {

class MessageSource {
public:
  explicit MessageSource(bool ignore_dots) : dots_(ignore_dots) {}

  // Once, before all else.
  [[nodiscard]] Result<> read_header();
  [[nodiscard]] HeaderSection& header() { return header_; }
  // The next bytes behind header().body_begin(), good until the next call; empty at the end.
  [[nodiscard]] Result<std::string_view> next_body();

private:
  [[nodiscard]] Result<std::string_view> next();

  DotStop dots_;
  bool end_of_input_ = false;
  std::array<char, (std::size_t{64} << 10)> buffer_;
  std::string_view unread_; // in the buffer, not yet through dots_
  std::string_view body_;   // through dots_, behind the header section
  bool body_begun_ = false;
  HeaderSection header_;
};

} // namespace waypost::queue
