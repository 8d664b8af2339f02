// Running one token command: as the user that we are, with an environment of its own, without a
// shell, within limits of time, processor, files and output.
//
// What it prints stays in one buffer, locked and wiped; a process runs one command and ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::sasl {

struct CommandLimits {
  int milliseconds = 30'000; // the sender waits for a minute
  std::size_t output = 16'384;
};

struct TokenCommandEnd {
  bool good = false;    // it ended with status 0, in time
  std::string why;      // otherwise, in a person's words: "exit status 1"
  std::string said;     // the last line that it wrote to standard error
  std::string_view out; // what it printed; of the process' one buffer
};

// `folder`: its HOME and TMPDIR, the one place where it may write in the tree.
[[nodiscard]] TokenCommandEnd run_token_command(const std::vector<std::string>& words,
                                                const std::string& credential,
                                                const std::string& folder,
                                                const CommandLimits& limits = {});

} // namespace waypost::sasl
