// Configurations as the commands of waypost-route want them: the compiled one that mail goes by,
// and a waypost.toml that is compiled for this alone.
//
// An error is the exit code, after standard error was told what is wrong.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "lib/mail/snapshot.h"
#include "lib/sys/confine.h"
#include "route/exit_code.h"

namespace waypost::route {

[[nodiscard]] std::expected<Snapshot, int> running_snapshot();

// `config`: else the home's waypost.toml. waypost-config compiles it, which alone knows TOML.
[[nodiscard]] std::expected<Snapshot, int>
compiled_snapshot(const std::optional<std::string>& config);

// What compiled_snapshot() needs, for itself and for waypost-config, which inherits it.
[[nodiscard]] Promises promises_of_compiling();

// "waypost-route: TEXT" on standard error; returns the code.
int complain(const std::string& text, int code);

} // namespace waypost::route
