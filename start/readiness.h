// Readiness: who wants to know that mail moves, and is told once.
//
//   -d FD                        s6's way: a newline on the descriptor, which is closed then
//   NOTIFY_SOCKET                systemd's way, sd_notify(3): the datagram READY=1 to a local
//   socket
//
// Nobody is told twice, also when the tree starts again. A supervisor that has gone is left alone,
// with a line in the log: it is no reason to move no mail.
#pragma once

#include <string>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::start {

class Readiness {
public:
  // Both may be absent. `descriptor` is close-on-exec.
  explicit Readiness(Fd descriptor = {}, Fd notify = {})
      : descriptor_(std::move(descriptor)),
        notify_(std::move(notify)) {}

  // False: somebody is still to be told, and it should be tried again soon.
  bool tell();

private:
  Fd descriptor_;
  Fd notify_;
};

// A datagram socket, close-on-exec, connected to `name` as NOTIFY_SOCKET has it: a path, or with
// '@' in front an abstract name. systemd's newer names of other kinds (vsock) are an error.
[[nodiscard]] Result<Fd> connect_notify(const std::string& name);

} // namespace waypost::start
