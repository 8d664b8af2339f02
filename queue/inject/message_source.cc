#include "queue/inject/message_source.h"

#include <unistd.h>
#include <utility>

namespace waypost::queue {

// The next bytes of the message; empty at its end.
Result<std::string_view> MessageSource::next() {
  for (;;) {
    while (!unread_.empty() && !dots_.ended()) {
      const std::string_view piece = dots_.next(unread_);
      if (!piece.empty()) return piece;
    }
    if (dots_.ended() || end_of_input_) return std::string_view();
    ssize_t n = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    while (n < 0 && errno == EINTR)
      n = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    if (n < 0) return fail_errno("cannot read the message");
    end_of_input_ = n == 0;
    unread_ = {buffer_.data(), static_cast<std::size_t>(n)};
  }
}

Result<> MessageSource::read_header() {
  for (;;) {
    const Result<std::string_view> piece = next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) {
      header_.finish();
      return {};
    }
    body_ = *piece;
    const Result<bool> ended = header_.feed(body_);
    if (!ended) return std::unexpected(ended.error());
    if (*ended) return {};
  }
}

Result<std::string_view> MessageSource::next_body() {
  if (!body_.empty()) {
    body_begun_ = true;
    return std::exchange(body_, {});
  }
  for (;;) {
    Result<std::string_view> piece = next();
    if (!piece || piece->empty()) return piece;
    if (!std::exchange(body_begun_, true)) header_.complete_line_end(*piece);
    if (!piece->empty()) return piece;
  }
}

} // namespace waypost::queue
