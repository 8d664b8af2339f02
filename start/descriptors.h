// Pipes, sockets and where they go: what the parent makes for its children.
//
// Everything here is made close-on-exec and with numbers from 64 on, so that a child can put them
// at the small numbers of wiring.h in any order without one covering another.
#pragma once

#include <string>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::start {

struct Ends {
  Fd read; // of a socket pair: one side
  Fd write;
};

[[nodiscard]] Result<Ends> make_pipe();
[[nodiscard]] Result<Ends> make_socket_pair(); // stream, local
// The listening socket at `path`, which is replaced when nobody listens there any more. `mode` is
// that of the name: who may connect.
[[nodiscard]] Result<Fd> listen_at(const std::string& path, unsigned mode);

// Descriptor `source` of this process shall be `target` in the child.
struct Placement {
  int target;
  int source;
};
// In a child, before exec: each descriptor at its place, every other one closed. 2 stays as it is.
// False when the kernel refused.
[[nodiscard]] bool place(const std::vector<Placement>& placements);

} // namespace waypost::start
