// Rows of a file with one mistake, the line of the complaint, and words that it must hold.
#pragma once

#include <array>
#include <criterion/criterion.h>
#include <string>

#include "route/configuration.h"

namespace waypost::route {

struct Row {
  const char* text;
  unsigned line;
  const char* says; // what the complaint must hold
};

inline std::string listed(const std::vector<Complaint>& complaints) {
  std::string all;
  for (const Complaint& one : complaints)
    all += "\n  " + std::to_string(one.line) + ": " + one.text;
  return all;
}

// Exactly one complaint, on the line, with the words.
template <std::size_t n>
void expect_complaints(const std::array<Row, n>& rows) {
  for (const Row& row : rows) {
    const auto snapshot = configure(row.text, "/etc/waypost/waypost.toml");
    cr_assert(!snapshot.has_value(), "accepted: %s", row.text);
    const auto& all = snapshot.error();
    const bool right = all.size() == 1 && all[0].line == row.line &&
                       all[0].text.find(row.says) != std::string::npos;
    cr_expect(right, "%s\n  wanted %u: %s\n  got%s", row.text, row.line, row.says,
              listed(all).c_str());
  }
}

} // namespace waypost::route
