#include "smtpd/data_text.h"

#include <algorithm>

namespace waypost::smtpd {

std::string_view DataText::next(std::string_view& rest) {
  switch (state_) {
  case State::line_begin:
  case State::lf:
  case State::text: return take_lines(rest);
  case State::cr: return take_after_cr(rest);
  case State::dot:
  case State::dot_cr: take_after_dot(rest); return {};
  case State::lf_dot: return take_after_lf_dot(rest);
  case State::ended: break;
  }
  return {};
}

// As many whole lines as there are, up to one that begins with a dot or to a CR at the end of the
// bytes: most messages are one piece.
std::string_view DataText::take_lines(std::string_view& rest) {
  std::size_t at = 0;
  std::size_t held_back = 0; // a dot or CR behind the piece, which the next byte decides about
  while (at < rest.size() && held_back == 0) {
    const bool dot = rest[at] == '.';
    if (dot && (state_ == State::line_begin || state_ == State::lf)) {
      state_ = state_ == State::lf ? State::lf_dot : State::dot;
      held_back = 1;
      continue;
    }
    state_ = State::text;
    at = std::min(rest.find_first_of("\r\n", at), rest.size());
    if (at == rest.size()) break;
    if (rest[at] == '\n') { // no CR before it
      bare_ = bare_ || !lf_ends_lines_;
      state_ = lf_ends_lines_ ? State::lf : State::text;
      ++at;
    } else if (at + 1 < rest.size() && rest[at + 1] == '\n') {
      state_ = State::line_begin;
      at += 2;
    } else {
      state_ = State::cr;
      held_back = 1;
    }
  }
  const std::string_view piece = rest.substr(0, at);
  rest.remove_prefix(at + held_back);
  return piece;
}

// The CR itself was held back: it belongs to the message only together with an LF.
std::string_view DataText::take_after_cr(std::string_view& rest) {
  const char c = rest.front();
  if (c == '\n') {
    rest.remove_prefix(1);
    state_ = State::line_begin;
    return "\r\n";
  }
  bare_ = true;
  if (c == '\r') {
    rest.remove_prefix(1);
  } else {
    state_ = State::text; // and this byte is looked at again
  }
  return {};
}

// Behind a dot that began a line and has been taken.
void DataText::take_after_dot(std::string_view& rest) {
  const char c = rest.front();
  const bool after_cr = state_ == State::dot_cr;
  if (c == '\r') {
    rest.remove_prefix(1);
    bare_ = bare_ || after_cr;
    state_ = after_cr ? State::cr : State::dot_cr;
  } else if (after_cr && c == '\n') {
    rest.remove_prefix(1);
    state_ = State::ended;
  } else {
    bare_ = bare_ || after_cr;
    state_ = State::text; // and this byte is looked at again
  }
}

std::string_view DataText::take_after_lf_dot(std::string_view& rest) {
  if (rest.front() == '.') rest.remove_prefix(1);
  state_ = State::text;
  return ".";
}

} // namespace waypost::smtpd
