// How a person or a script hands in a secret: from the terminal without echo, typed twice; or the
// one line on standard input. Never as an argument, which every user of the machine could read.
#pragma once

#include <string>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::sasl {

// `what` is asked for, where somebody sits at `in`. The line's end is left out.
[[nodiscard]] Result<Secret> read_secret(int in, const std::string& what);

} // namespace waypost::sasl
