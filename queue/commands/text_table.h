// TextTable: columns for a terminal, each as wide as its widest cell. Cells are safe to print
// already. Width is counted in characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waypost::queue {

class TextTable {
public:
  // The first `left` columns stand at the left of theirs, the others, numbers, at the right; the
  // last one, when `last_left`, is text of any length.
  explicit TextTable(std::size_t left, bool last_left = false) : left_(left), last_(last_left) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::vector<std::string> lines() const;

private:
  std::size_t left_;
  bool last_;
  std::vector<std::vector<std::string>> rows_;
};

// How many characters UTF-8 text has.
[[nodiscard]] std::size_t text_width(std::string_view text);
// Its first `most` characters.
[[nodiscard]] std::string_view cut_to_width(std::string_view text, std::size_t most);
// Remote text on one line: lines are parted by " / ", what a terminal could obey is visible.
[[nodiscard]] std::string one_line(std::string_view text);

} // namespace waypost::queue
