#include "dkim/header.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::dkim {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kWhite = " \t";

// RFC 5322 2.2: printable ASCII but the colon. White space before the colon is the obsolete form
// (4.5). 0: the line begins no field.
std::size_t field_name_length(std::string_view line) {
  const auto of_a_name = [](char c) { return c > ' ' && c < 0x7F && c != ':'; };
  const auto end = std::ranges::find_if_not(line, of_a_name);
  const auto length = static_cast<std::size_t>(end - line.begin());
  const std::size_t colon = line.find_first_not_of(kWhite, length);
  if (length == 0 || colon == std::string_view::npos || line[colon] != ':') return 0;
  return length;
}

// RFC 6376 3.4.2: unfolded, white space as one space, none at both ends.
std::string relaxed_value(std::string_view value) {
  std::string out;
  bool white = false;
  for (const char c : value) {
    if (c == '\r' || c == '\n') continue; // unfolding takes the CRLF alone
    if (c == ' ' || c == '\t') {
      white = true;
      continue;
    }
    if (white && !out.empty()) out += ' ';
    white = false;
    out += c;
  }
  return out;
}

} // namespace

std::string_view Field::body() const {
  std::string_view rest = std::string_view(text).substr(name_length);
  rest.remove_prefix(rest.find(':') + 1);
  rest.remove_suffix(kLineEnd.size());
  return rest;
}

std::string canonical_field(const Field& field, Canonical form) {
  if (form == Canonical::simple) return field.text;
  std::string out = ascii_lower(field.name());
  out += ':';
  out += relaxed_value(field.body());
  out += kLineEnd;
  return out;
}

Result<> Header::text(std::string_view piece) {
  if (bytes_ + line_.size() + piece.size() > kMaxBytes)
    return fail("the header section is longer than 16 MB");
  if (fields_.size() >= kMaxFields) return fail("the header section has more than 100,000 fields");
  line_ += piece;
  return {};
}

bool Header::end_line() {
  if (line_.empty()) return true;
  std::string line = std::move(line_);
  line_.clear();
  const bool continues = kWhite.find(line.front()) != std::string_view::npos;
  const std::size_t name = continues ? 0 : field_name_length(line);
  if (name == 0 && (!continues || fields_.empty())) {
    body_begin_ = std::move(line);
    return true;
  }
  line += kLineEnd;
  bytes_ += line.size();
  if (continues) {
    fields_.back().text += line;
  } else {
    fields_.push_back({std::move(line), name});
  }
  return false;
}

void Header::replace_body(std::size_t field, std::string_view body) {
  Field& one = fields_.at(field);
  const std::size_t colon = one.text.find(':');
  one.text.replace(colon + 1, one.text.size() - colon - 1, body);
  one.text += kLineEnd;
}

std::string Header::wire() const {
  std::string out;
  for (const Field& one : fields_)
    out += one.text;
  return out;
}

} // namespace waypost::dkim
