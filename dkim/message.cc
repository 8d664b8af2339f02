#include "dkim/message.h"

namespace waypost::dkim {

Result<> Message::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const Result<> taken = take_wire(wire_.next(bytes));
    if (!taken) return taken;
  }
  return {};
}

// A stretch of a line, or a line end.
Result<> Message::take_wire(std::string_view piece) {
  if (piece.empty()) return {};
  const bool line_end = piece.front() == '\r';
  if (!in_header_) {
    line_end ? body_.end_line() : body_.text(piece);
    return {};
  }
  if (!line_end) return header_.text(piece);
  if (!header_.end_line()) return {};
  in_header_ = false;
  if (header_.body_begin().empty()) return {};
  body_.text(header_.body_begin());
  body_.end_line();
  return {};
}

Result<> Message::finish() {
  const Result<> ended = take_wire(wire_.finish());
  if (!ended) return ended;
  body_hash_ = body_.finish();
  return {};
}

} // namespace waypost::dkim
