#include "smtpd/letter.h"

namespace waypost::smtpd {

Letter::Letter(QueueDoor& door, Form form)
    : door_(door),
      form_(std::move(form)),
      text_(form_.lf_ends_lines),
      size_(form_.trace.size()) {}

Letter::~Letter() {
  give_up();
}

void Letter::take(std::string_view& rest) {
  while (!rest.empty() && !text_.ended()) {
    const std::string_view piece = text_.next(rest);
    grow(piece.size());
    if (refused()) {
      give_up();
      continue;
    }
    kept_ += piece;
    if (kept_.size() >= kKept) pass_on(Kept::begin);
  }
}

void Letter::grow(std::size_t bytes) {
  size_ += bytes;
  too_large_ = too_large_ || (form_.size_max != 0 && size_ > form_.size_max);
}

void Letter::pass_on(Kept kept) {
  if (!open_) begin(kept);
  if (refused()) return give_up();
  door_.message(kept_);
  kept_.clear();
}

void Letter::begin(Kept kept) {
  if (form_.completion) {
    const std::string missing = missing_fields(kept_, kept == Kept::all, *form_.completion);
    grow(missing.size());
    kept_.insert(0, missing);
  }
  if (too_large_) return;
  kept_.insert(0, form_.trace);
  open_ = door_.open().has_value();
  closed_ = !open_;
}

// Before its envelope: waypost-queue finds no end, and keeps nothing.
void Letter::give_up() {
  if (open_) door_.abandon();
  open_ = false;
  kept_ = {};
}

Answer Letter::finish(std::string_view envelope) {
  if (!refused()) pass_on(Kept::all);
  // RFC 5321 2.3.8 and 4.5.2; RFC 3463: 5.6.0.
  if (text_.bare_line_end())
    return "550 5.6.0 Refused: a CR or LF in the message is not part of CRLF";
  if (too_large_) {
    return "552 5.3.4 The message is larger than the limit of " + std::to_string(form_.size_max) +
           " bytes";
  }
  if (closed_) return "451 4.3.0 The queue cannot be started now; try again later";
  open_ = false;
  return answer_for_exit(door_.finish(envelope));
}

} // namespace waypost::smtpd
