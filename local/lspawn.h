// Lspawn: takes local jobs from the queue manager, starts a process for each, and tells how it
// ended. Knows nothing of mail: it parses records, the snapshot and /etc/passwd.
//
// One thread, blocking writes, poll. Takes no job while all places are taken: the manager never
// sends more. Ends when the manager or waypost-start has gone, and with it all that it started.
#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "lib/net/channel.h"
#include "lib/net/channel_parts.h"
#include "lib/sys/clock.h"
#include "local/delivery_plan.h"
#include "local/launch.h"

namespace waypost::local {

class Lspawn {
public:
  // `program` finds waypost-local, each time: once may fail. SIGCHLD is blocked from here on.
  Lspawn(Fd manager, Fd lifeline, std::string snapshot, std::function<std::string()> program,
         Machine machine);

  // Until the manager or the lifeline ends; an error says what went wrong.
  Result<> run();

private:
  struct Running {
    std::uint64_t job = 0;
    Launched process;
    std::string text; // what it said
    BootMs until = 0;
  };

  void reload();
  Result<bool> take_frames(); // false: the manager has gone
  Result<> take(Frame frame);
  Result<> start(const LocalJob& job, Fd message);
  Result<> reap();
  void listen_to(Running& one);
  void kill_overdue();
  Result<> answer(const LocalResult& result);
  [[nodiscard]] int wait_ms() const;

  Fd manager_;
  Fd lifeline_;
  Fd signals_;
  std::string snapshot_;
  std::function<std::string()> program_;
  Machine machine_;
  LocalConfiguration configuration_;
  bool stale_ = true; // there is a newer one, which could not be read
  IncomingFrames incoming_{kMaxLocalFrame};
  std::vector<Running> running_;
  RealClock clock_;
};

} // namespace waypost::local
