#include "queue/inject/dot_stop.h"

namespace waypost::queue {
namespace {

bool line_end(char c) {
  return c == '\n' || c == '\r';
}

// Where the first dot at the beginning of a line stands, behind the first byte; npos: nowhere.
std::size_t find_dot(std::string_view bytes) {
  std::size_t at = bytes.find('.', 1);
  while (at != std::string_view::npos && !line_end(bytes[at - 1]))
    at = bytes.find('.', at + 1);
  return at;
}

} // namespace

std::string_view DotStop::next(std::string_view& rest) {
  if (ignore_) {
    const std::string_view all = rest;
    rest = {};
    return all;
  }
  if (dot_) {
    dot_ = false;
    if (line_end(rest.front())) {
      ended_ = true;
      return {};
    }
    at_start_ = false;
    return ".";
  }
  if (at_start_ && rest.front() == '.') {
    dot_ = true;
    rest.remove_prefix(1);
    return {};
  }
  const std::string_view piece = rest.substr(0, find_dot(rest));
  rest.remove_prefix(piece.size());
  at_start_ = line_end(piece.back());
  return piece;
}

} // namespace waypost::queue
