// Section: a table of the file read by its keys, with a complaint for each entry that is no key of
// it.
#pragma once

#include <string>
#include <string_view>

#include "route/key.h"
#include "route/origins.h"

namespace waypost::route {

// Where else a key that is unknown here would be right: "; it belongs to the whole file, ...", or
// "".
[[nodiscard]] std::string belongs_elsewhere(std::string_view name, std::string_view section);

// The nearest key of any section, and where it belongs: for a name that is near none of its own.
[[nodiscard]] std::string nearest_elsewhere(std::string_view name, std::string_view section);

template <class Target>
void take_key(const std::vector<Key<Target>>& keys, const Entry& entry, Target& target,
              const std::string& section, KeyLines& lines, Complaints& complaints) {
  const Key<Target>* key = find_key(keys, entry.name);
  if (key != nullptr) {
    lines.emplace(entry.name, entry.line);
    key->take(entry.value, target, complaints);
    return;
  }
  const auto names = names_of(keys);
  std::string hint = belongs_elsewhere(entry.name, section);
  if (hint.empty()) hint = did_you_mean(entry.name, names);
  if (hint.empty()) hint = nearest_elsewhere(entry.name, section);
  complaints.add(entry.line, "unknown key " + quoted(entry.name) + " in " + section + hint);
}

} // namespace waypost::route
