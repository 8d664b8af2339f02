// check, compile and keys of waypost-config(8).
//
// Each does it, says what it did, and returns the exit code: 0; 100 the file is wrong, and nothing
// was changed; 111 it could not be read, or the snapshot could not be written.
#pragma once

#include <optional>
#include <string>

namespace waypost::route {

// `file`: else the home's waypost.toml, which may be missing.
[[nodiscard]] int check(const std::optional<std::string>& file);
// `output`: else the home's snapshot.
[[nodiscard]] int compile(const std::optional<std::string>& file,
                          const std::optional<std::string>& output);
[[nodiscard]] int print_all_keys();

} // namespace waypost::route
