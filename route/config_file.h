// The files of waypost-config: waypost.toml read, with everything wrong or doubtful in it said on
// standard error, and files written so that their name holds the old bytes or the new at any
// moment.
#pragma once

#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"
#include "route/configuration.h"
#include "route/exit_code.h"

namespace waypost::route {

// `file`, or the home's waypost.toml, which may be missing: `notices` is told that the defaults
// hold. An error is the exit code, after everything wrong was said.
[[nodiscard]] std::expected<Configuration, int> load(const std::optional<std::string>& file,
                                                     std::FILE* notices);

[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

// "FILE:LINE: warning: ..." for each.
void print_warnings(const Configuration& configuration, const std::string& path);

// "2 transports, 3 rules": those that stand in the file; and what holds without a rule.
[[nodiscard]] std::string summary(const Configuration& configuration);

enum class Existing : std::uint8_t { replace, keep };

// By a temporary file beside it, synced and renamed or linked, and the folder synced. With `keep`,
// a file that is there is an error with the code EEXIST.
[[nodiscard]] Result<> write_file(const std::string& path, std::string_view bytes,
                                  Existing existing);

} // namespace waypost::route
