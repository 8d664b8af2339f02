// Reception: takes connections at a listening socket, and has each served by a process of its own.
//
// A process for each, so that what one caller does to it is nobody else's trouble, and that one
// message's syncs hold up no other. The caller is whom the kernel names when it connects
// (SO_PEERCRED). One who has no place is told so at once, before anything is read.
//
// When one of these processes has crashed, what they are all forked from may be what is broken, and
// each next one would crash as well: then run() returns as soon as nobody has a place.
#pragma once

#include <functional>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "queue/accept/places.h"

namespace waypost::queue {

class Reception {
public:
  // Serves one connection, in a process that ends when it returns.
  using Serve = std::function<void(int connection, uid_t caller)>;
  struct Wires {
    int listener;
    int lifeline;
    int idle_ms = 10'000; // without a caller for so long, run() returns: who knocks wakes us again
  };
  Reception(const Wires& wires, Serve serve) : wires_(wires), serve_(std::move(serve)) {}

  // Until the lifeline ends and all who have a place are served, or nobody came for a while.
  Result<> run();

private:
  void take_connection();
  void start(const Fd& connection, uid_t caller);
  void reap();

  Wires wires_;
  Serve serve_;
  Places places_;
  Fd children_; // readable when one has ended
  bool spoiled_ = false;
};

} // namespace waypost::queue
