// The oracle as a filter, for shell scripts: lines in, lines out; waypost-sasl(8).
//
// A line is a record of login.h: its fields with tabs between them. The first line is the scope,
// each further one a query; each query but `dropped` is answered by a line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sasl/oracle.h"
#include "sasl/token_line.h"

namespace waypost::sasl {

[[nodiscard]] Result<Record> record_of_line(std::string_view line);
[[nodiscard]] std::string line_of(const Record& record); // with its newline

class Filter {
public:
  static constexpr std::size_t kMaxLine = kMaxLoginFrame;

  // `line`: where it waits for tokens.
  Filter(Vault& vault, const TokenLine& line) : vault_(vault), line_(line) {}

  // What to print for a line; empty: nothing. An error ends the filter.
  [[nodiscard]] Result<std::string> take(std::string_view line);

private:
  [[nodiscard]] Result<LoginAnswer> wait_for_answer();

  Vault& vault_;
  const TokenLine& line_;
  std::optional<Oracle> oracle_;
};

// Reads `in` to its end.
Result<> run_filter(Vault& vault, const TokenLine& line, int in, int out);

} // namespace waypost::sasl
