// `waypost route --simulate`: what a changed configuration would send elsewhere, over the queue as
// it is now, or as somebody saved it.
//
// Exit codes: 0 nothing would go elsewhere; 1 something would; 100 an argument, the configuration
// or the saved queue is wrong; 111 something could not be read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/sys/confine.h"
#include "lib/sys/error.h"

namespace waypost::route {

struct SimulateCommand {
  std::optional<std::string> config; // else the home's waypost.toml
  std::optional<std::string> queue;  // a saved `waypost list --json`, "-": on standard input; else
                                     // the live queue
  bool verbose = false;
  bool json = false;
};

inline constexpr const char* kSimulateUsage =
    "usage: waypost-route --simulate [--config FILE] [--queue FILE | --queue -] [-v] [--json]\n";

// An error says which argument is wrong.
[[nodiscard]] Result<SimulateCommand>
parse_simulate_command(std::span<const std::string_view> arguments);

[[nodiscard]] Promises promises_of(const SimulateCommand& command);
[[nodiscard]] int run(const SimulateCommand& command);

} // namespace waypost::route
