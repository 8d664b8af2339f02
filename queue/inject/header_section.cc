#include "queue/inject/header_section.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

// RFC 5322 2.2: printable ASCII but the colon. White space before the colon is the obsolete form
// (4.5). 0: the line begins no field.
std::size_t field_name_length(std::string_view line) {
  std::size_t length = 0;
  while (length < line.size() && line[length] > ' ' && line[length] < 0x7F && line[length] != ':')
    ++length;
  const std::size_t colon = line.find_first_not_of(" \t", length);
  if (length == 0 || colon == std::string_view::npos || line[colon] != ':') return 0;
  return length;
}

bool mbox_line(std::string_view line) {
  return line.starts_with("From ") || line.starts_with(">From ");
}

} // namespace

std::string_view HeaderField::body() const {
  const std::string_view rest = std::string_view(text).substr(name_length);
  return rest.substr(rest.find(':') + 1);
}

Result<bool> HeaderSection::feed(std::string_view& rest) {
  while (!rest.empty()) {
    complete_line_end(rest);
    if (rest.empty()) break;
    const std::size_t end = rest.find_first_of("\r\n");
    const std::string_view part = rest.substr(0, end);
    bytes_ += part.size() + 1;
    if (bytes_ > kMaxBytes) return fail("the header section is longer than 16 MB");
    line_ += part;
    rest.remove_prefix(part.size());
    if (rest.empty()) break;
    after_cr_ = rest.front() == '\r';
    rest.remove_prefix(1);
    if (!take_line()) continue;
    complete_line_end(rest);
    return true;
  }
  return false;
}

void HeaderSection::complete_line_end(std::string_view& rest) {
  if (rest.empty()) return;
  if (after_cr_ && rest.front() == '\n') rest.remove_prefix(1);
  after_cr_ = false;
}

void HeaderSection::finish() {
  if (!line_.empty()) take_line();
}

bool HeaderSection::take_line() {
  const std::string line = std::move(line_);
  line_.clear();
  if (line.empty()) return true;
  if (fields_.empty() && mbox_line(line)) return false;
  const bool continues = line.front() == ' ' || line.front() == '\t';
  if (continues && !fields_.empty()) {
    fields_.back().text += '\n';
    fields_.back().text += line;
    return false;
  }
  const std::size_t name = field_name_length(line);
  if (name == 0) {
    body_begin_ = line + '\n';
    return true;
  }
  fields_.push_back({line, name});
  return false;
}

void HeaderSection::remove(std::string_view name) {
  std::erase_if(fields_, [name](const HeaderField& field) {
    return equal_ignoring_case(field.name(), name);
  });
}

bool HeaderSection::has(std::string_view name) const {
  return std::ranges::any_of(fields_, [name](const HeaderField& field) {
    return equal_ignoring_case(field.name(), name);
  });
}

} // namespace waypost::queue
