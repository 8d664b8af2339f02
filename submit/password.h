// The password of waypost-submit's login: the first line of a file that only its owner can read, or
// of what a command prints. It is never on a command line and never in the environment.
#pragma once

#include <string>
#include <vector>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::submit {

struct PasswordSource {
  std::vector<std::string> command; // run without a shell, found by PATH
  std::string file;                 // where there is no command
};

// How long a command may take: somebody may have to unlock a store first.
inline constexpr int kPasswordSeconds = 120;

// No error repeats what was read.
[[nodiscard]] Result<sasl::Secret> read_password(const PasswordSource& source);

} // namespace waypost::submit
