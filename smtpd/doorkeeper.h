// Doorkeeper: takes connections at listening sockets, and has each served by a fork of its own.
//
// A process for each, so that what one client does to it is nobody else's trouble. Where all
// places are taken, connections wait in the kernel. SIGTERM ends it: it takes no more connections,
// and gives those whose message is under way some seconds.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::smtpd {

class Doorkeeper {
public:
  // Serves one connection in a fork, which ends when it returns. All signals are as usual there.
  using Serve = std::function<void(Fd connection)>;
  struct Wires {
    std::vector<Fd> listeners;
    Fd going;               // closed at SIGTERM: so those who serve hear of it
    pid_t gate = -1;        // a child of ours; when it ends, so does all
    std::size_t places = 0; // connections at a time
  };
  Doorkeeper(Wires wires, Serve serve, const Clock& clock)
      : wires_(std::move(wires)),
        serve_(std::move(serve)),
        clock_(clock) {}

  // Until SIGTERM. An error when it cannot go on.
  Result<> run();

private:
  void take_connection(int listener);
  // False: the gate has ended.
  [[nodiscard]] bool reap();
  // SIGCHLD and SIGTERM.
  Result<> open_signals();
  [[nodiscard]] int patience() const;

  Wires wires_;
  Serve serve_;
  const Clock& clock_;
  Fd signals_;
  std::set<pid_t> serving_;
  BootMs ends_ = 0; // not 0: SIGTERM has come
};

} // namespace waypost::smtpd
