#include "queue/commands/text_table.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost::queue {
namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

} // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string_view cut_to_width(std::string_view text, std::size_t most) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && seen++ == most) break;
  }
  return text.substr(0, at);
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const std::string_view part : split(text, '\n'))
    line += (line.empty() ? "" : " / ") + printable(part);
  return line;
}

std::vector<std::string> TextTable::lines() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], text_width(row[i]));
  }
  std::vector<std::string> all;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      const std::string space(widths[i] - text_width(row[i]), ' ');
      const bool last = i + 1 == widths.size();
      const bool left = i < left_ || (last && last_);
      line += left ? row[i] + space : space + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all.push_back(std::move(line));
  }
  return all;
}

} // namespace waypost::queue
