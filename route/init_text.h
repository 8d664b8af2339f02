// The commented waypost.toml that `waypost-config init` writes.
#pragma once

#include <string>

#include "route/init_questions.h"

namespace waypost::route {

[[nodiscard]] std::string init_text(const Answers& answers);

} // namespace waypost::route
