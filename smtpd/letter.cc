#include "smtpd/letter.h"

namespace waypost::smtpd {

Letter::Letter(QueueDoor& door, Form form)
    : door_(door),
      text_(form.lf_ends_lines),
      kept_(std::move(form.trace)),
      size_max_(form.size_max),
      size_(kept_.size()) {}

Letter::~Letter() {
  give_up();
}

void Letter::take(std::string_view& rest) {
  while (!rest.empty() && !text_.ended()) {
    const std::string_view piece = text_.next(rest);
    size_ += piece.size();
    too_large_ = too_large_ || (size_max_ != 0 && size_ > size_max_);
    if (refused()) {
      give_up();
      continue;
    }
    kept_ += piece;
    if (kept_.size() >= kKept) pass_on();
  }
}

void Letter::pass_on() {
  if (!open_) {
    open_ = door_.open().has_value();
    closed_ = !open_;
    if (closed_) return give_up();
  }
  door_.message(kept_);
  kept_.clear();
}

// Before its envelope: waypost-queue finds no end, and keeps nothing.
void Letter::give_up() {
  if (open_) door_.abandon();
  open_ = false;
  kept_ = {};
}

Answer Letter::finish(std::string_view envelope) {
  // RFC 5321 2.3.8 and 4.5.2; RFC 3463: 5.6.0.
  if (text_.bare_line_end())
    return "550 5.6.0 Refused: a CR or LF in the message is not part of CRLF";
  if (too_large_) {
    return "552 5.3.4 The message is larger than the limit of " + std::to_string(size_max_) +
           " bytes";
  }
  if (!closed_) pass_on();
  if (closed_) return "451 4.3.0 The queue cannot be started now; try again later";
  open_ = false;
  return answer_for_exit(door_.finish(envelope));
}

} // namespace waypost::smtpd
