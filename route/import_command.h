// import of waypost-config(8), with its files: reads the other's configuration, writes ours.
//
// A file that exists is never replaced. Exit codes as those of compile.h.
#pragma once

#include <optional>
#include <string>

namespace waypost::route {

struct ImportCommand {
  std::string from;                  // "msmtp", "nullmailer", "postfix"
  std::optional<std::string> file;   // else where that program has it
  std::optional<std::string> output; // else standard output
};

[[nodiscard]] int take_over(const ImportCommand& command);

} // namespace waypost::route
