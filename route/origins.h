// Origins: on which line of waypost.toml each part of a configuration stands. Beside the snapshot,
// which holds only what programs need: for warnings, and for `waypost-config show`.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace waypost::route {

// The lines on which keys were set.
using KeyLines = std::map<std::string, unsigned, std::less<>>;

// A transport or a rule: the line of its table, and of each key in it.
struct TableOrigin {
  unsigned line = 0; // 0: it does not stand in the file
  KeyLines keys;

  // The key's line, or the table's where the key was not set.
  [[nodiscard]] unsigned line_of(std::string_view key) const {
    const auto found = keys.find(key);
    return found == keys.end() ? line : found->second;
  }
};

struct Origins {
  KeyLines settings;
  KeyLines defaults;                   // the keys of [defaults]
  std::vector<TableOrigin> transports; // as Snapshot::transports
  std::vector<TableOrigin> domains;    // as Snapshot::domains
  std::vector<TableOrigin> accounts;   // as Snapshot::accounts
  std::vector<TableOrigin> rules;      // as Snapshot::routes
};

} // namespace waypost::route
