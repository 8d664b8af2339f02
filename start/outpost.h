// Outpost: what is left outside when waypost-start confines itself.
//
// What a process has given up, all that it starts has given up too. waypost-lspawn delivers into
// users' homes and by users' own programs, which shall be as free as their users are. So
// waypost-start forks this process before it confines itself, and has that member started by it.
// It takes two orders, on one socket, from waypost-start alone: start waypost-lspawn, as a child of
// waypost-start like all members; and kill a life's process group, since by Landlock waypost-start
// may signal only what is confined as it is. It reads nothing else, and ends with waypost-start.
#pragma once

#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::start {

class Outpost {
public:
  // To be called before confine(), and before signals are blocked.
  [[nodiscard]] static Result<Outpost> leave_behind();
  Outpost(Outpost&& other) noexcept;
  Outpost& operator=(Outpost&&) = delete;
  Outpost(const Outpost&) = delete;
  Outpost& operator=(const Outpost&) = delete;
  // Ends it and waits for that: whoever waits for waypost-start finds nothing of it.
  ~Outpost();

  // The process id: when it ends, waypost-start cannot go on.
  [[nodiscard]] pid_t pid() const { return pid_; }

  // What the program gets: its socket at 0, /dev/null at 1, and the lifeline. In process group
  // `group`, as root; everything else is as with start_member().
  [[nodiscard]] Result<pid_t> start_lspawn(int socket, int nothing, int lifeline,
                                           pid_t group) const;
  void kill_group(pid_t group) const;

private:
  Outpost(pid_t pid, Fd socket) : pid_(pid), socket_(std::move(socket)) {}

  pid_t pid_; // -1: moved away
  Fd socket_; // its end ends the outpost
};

} // namespace waypost::start
