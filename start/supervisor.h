// Supervisor: keeps one tree alive, life after life.
//
//   a member dies        the whole tree ends and starts anew, after 1 s, doubling to 30 s, back to
//                        1 s after a minute of health: programs that talk by pipes live together
//   a word for a sleeper starts it (tree.h)
//   somebody knocks      waypost-accept is started (door.h), whatever the tree does
//   SIGHUP               the configuration is compiled; when it is good, the manager is told; a bad
//                        file changes nothing and is logged
//   SIGTERM, SIGINT      the manager gives out no new work and leaves; then all others do
#pragma once

#include <optional>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "start/accounts.h"
#include "start/door.h"
#include "start/outpost.h"
#include "start/readiness.h"
#include "start/tree.h"

namespace waypost::start {

class Supervisor {
public:
  // `ready` is told when the queue is loaded for the first time. The signals of this process are
  // blocked from here on.
  Supervisor(Home home, std::optional<Accounts> accounts, Readiness ready, Outpost outpost);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor() = default;

  // Runs until SIGTERM or SIGINT. An error: it could not even begin, or the outpost has ended.
  Result<> run();

private:
  Result<> open_signals();
  // One life of the tree; returns when it has ended. False: we were asked to leave.
  void live();
  void wait_between_lives();
  // Waits for signals, the manager, or the deadline (-1: none); handles what has come.
  void wait(int timeout_ms);
  void take_signals();
  void take_from_manager();
  void tell_ready();
  void wake(int sleeper, short revents);
  void reap();
  void reload();
  void compiled(int status);
  void leave();

  Home home_;
  std::optional<Accounts> accounts_;
  Readiness ready_;
  Outpost outpost_;
  bool deserted_ = false; // the outpost has ended
  Fd signals_;
  std::optional<Door> door_;
  std::optional<Tree> tree_;
  bool broken_ = false;  // a member of tree_ has ended
  bool leaving_ = false; // SIGTERM came
  BootMs leave_by_ = 0;
  std::optional<BootMs> tell_again_; // that mail moves: it could not be said
  pid_t compiler_ = -1;
  bool compile_again_ = false; // asked for while the compiler was running
  int backoff_s_ = 1;
  RealClock clock_;
};

} // namespace waypost::start
