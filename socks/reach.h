// Reach: a connection to a destination through a proxy, made step by step with one deadline over
// all, on a descriptor that blocks again at the end.
#pragma once

#include <expected>

#include "lib/sys/fd.h"
#include "socks/arguments.h"

namespace waypost::socks {

struct Reached {
  Fd connection; // the next byte that is read is the destination's
  Endpoint bound;
};

// Each of the proxy's addresses is tried in turn; the first that connects decides.
[[nodiscard]] std::expected<Reached, Failure> reach(const Arguments& arguments,
                                                    std::optional<Login> login);

} // namespace waypost::socks
