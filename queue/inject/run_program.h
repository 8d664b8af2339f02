// Another program of ours, run as the caller and waited for: what sendmail's other modes are made
// of.
#pragma once

#include <string>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::queue {

enum class Output : std::uint8_t { shown, errors_only, none };

// Runs `command` (a program's name and its arguments) with our descriptors, environment and rights;
// its standard input is empty. Its exit status, 255 when a signal ended it.
[[nodiscard]] Result<int> run_program(const std::vector<std::string>& command, Output output);

// Becomes it; returns only with an error.
[[nodiscard]] Error become_program(const std::vector<std::string>& command);

} // namespace waypost::queue
