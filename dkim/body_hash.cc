#include "dkim/body_hash.h"

#include <algorithm>

namespace waypost::dkim {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kWhite = " \t"; // RFC 6376 2.8: WSP is a space or a tab, nothing else

} // namespace

void BodyHash::put(std::string_view bytes) {
  for (; empty_lines_ > 0; --empty_lines_)
    hash_.update(kLineEnd);
  hash_.update(bytes);
  in_line_ = any_ = true;
}

void BodyHash::text(std::string_view piece) {
  if (form_ == Canonical::relaxed) return relaxed_text(piece);
  if (!piece.empty()) put(piece);
}

// RFC 6376 3.4.4: white space within a line becomes one space, and goes at the line's end.
void BodyHash::relaxed_text(std::string_view piece) {
  while (!piece.empty()) {
    const std::string_view word = piece.substr(0, piece.find_first_of(kWhite));
    piece.remove_prefix(word.size());
    if (!word.empty()) {
      if (white_) put(" ");
      white_ = false;
      put(word);
    }
    if (piece.empty()) return;
    white_ = true;
    piece.remove_prefix(std::min(piece.find_first_not_of(kWhite), piece.size()));
  }
}

void BodyHash::end_line() {
  white_ = false;
  if (in_line_) {
    hash_.update(kLineEnd);
  } else {
    ++empty_lines_;
  }
  in_line_ = false;
}

// The empty lines at the end are ignored. RFC 6376 3.4.3: a body of nothing is one line end in the
// simple form; 3.4.4: and nothing in the relaxed form.
std::string BodyHash::finish() {
  if (form_ == Canonical::simple && !any_) hash_.update(kLineEnd);
  return hash_.finish();
}

} // namespace waypost::dkim
