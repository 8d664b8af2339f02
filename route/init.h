// init of waypost-config(8): asks how mail shall leave, or takes it from flags, writes a working
// waypost.toml with comments, and checks it.
//
// A file that exists is left as it is, unless `force`. Exit codes as those of compile.h.
#pragma once

#include <optional>
#include <string>

#include "route/init_questions.h"

namespace waypost::route {

struct InitCommand {
  std::string way; // "": ask on the terminal
  Flags flags;
  std::optional<std::string> file; // else the home's waypost.toml
  bool force = false;
};

[[nodiscard]] int init(const InitCommand& command);

} // namespace waypost::route
