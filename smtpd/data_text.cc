#include "smtpd/data_text.h"

namespace waypost::smtpd {

std::string_view DataText::next(std::string_view& rest) {
  switch (state_) {
  case State::line_begin:
  case State::text: return take_lines(rest);
  case State::cr: return take_after_cr(rest);
  case State::dot:
  case State::dot_cr: take_after_dot(rest); return {};
  case State::ended: break;
  }
  return {};
}

// As many whole lines as there are, up to one that begins with a dot or to a CR at the end of the
// bytes: most messages are one piece.
std::string_view DataText::take_lines(std::string_view& rest) {
  std::size_t at = 0;
  while (at < rest.size()) {
    if (state_ == State::line_begin && rest[at] == '.') {
      state_ = State::dot;
      break;
    }
    state_ = State::text;
    const std::size_t end = rest.find_first_of("\r\n", at);
    if (end == std::string_view::npos) {
      at = rest.size();
      break;
    }
    at = end;
    if (rest[at] == '\n') { // no CR before it
      bare_ = true;
      ++at;
      continue;
    }
    if (at + 1 >= rest.size() || rest[at + 1] != '\n') {
      state_ = State::cr;
      break;
    }
    at += 2;
    state_ = State::line_begin;
  }
  const std::string_view piece = rest.substr(0, at);
  const bool one_more = state_ == State::cr || state_ == State::dot;
  rest.remove_prefix(at + (one_more ? 1 : 0));
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
  if (c == '\r') {
    rest.remove_prefix(1);
    bare_ = bare_ || state_ == State::dot_cr;
    state_ = state_ == State::dot ? State::dot_cr : State::cr;
    return;
  }
  if (state_ == State::dot_cr && c == '\n') {
    rest.remove_prefix(1);
    state_ = State::ended;
    return;
  }
  bare_ = bare_ || state_ == State::dot_cr;
  state_ = State::text;
}

} // namespace waypost::smtpd
