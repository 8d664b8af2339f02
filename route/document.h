// Document: a TOML file as a tree in the order of its lines.
//
// The TOML parser keeps tables sorted by name; errors and rules are wanted in the order in which a
// person wrote them, with the line of each key. Only this file's .cc knows the parser.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "route/complaints.h"

namespace waypost::route {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { text, integer, boolean, list, table, other };

  Kind kind = Kind::table;
  unsigned line = 1;
  std::string text;           // text; other: what it is, such as "a date"
  std::int64_t integer = 0;   // integer
  bool truth = false;         // boolean
  std::vector<Node> items;    // list
  std::vector<Entry> entries; // table, in the order of the file

  [[nodiscard]] const Entry* find(std::string_view name) const;
  // For an error: "smtp.example" in quotes, a number, "a list", "a table"; long texts are cut.
  [[nodiscard]] std::string shown() const;
};

[[nodiscard]] Node text_node(std::string text);
[[nodiscard]] Node integer_node(std::uint64_t integer);
[[nodiscard]] Node boolean_node(bool truth);
[[nodiscard]] Node list_node(std::vector<Node> items);
// A value as the file writes it, which is JSON as well: "a text", 25, true, ["a", "b"].
[[nodiscard]] std::string written(const Node& node);

struct Entry {
  std::string name;
  unsigned line = 1;
  Node value;
};

// The whole document's table, or the first syntax error.
[[nodiscard]] std::expected<Node, Complaint> parse_document(std::string_view text);

} // namespace waypost::route
