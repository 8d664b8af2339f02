// Door: the socket run/accept, and the program behind it (waypost-accept(8)).
//
// Nobody is behind it until somebody knocks: machines on which set-group-id bits work never need
// it. The socket outlives the program, and the lives of the tree: who knocks while all of that is
// being started waits. The program leaves when nobody came for a while, or breaks; the next knock
// starts it again, after a break not before a second has passed, doubling to 30 s.
#pragma once

#include <optional>
#include <sys/types.h>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "start/accounts.h"

namespace waypost::start {

class Door {
public:
  // `accounts` is empty in a personal home; it outlives the door. The caller holds the home's lock.
  [[nodiscard]] static Result<Door> open(const Home& home, const std::optional<Accounts>& accounts);
  Door(Door&& other) noexcept;
  Door& operator=(Door&&) = delete;
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door(); // ends the program: what it has not answered by then, it has not accepted

  // To be watched for reading; -1 while somebody is behind the door, or shall not be yet.
  [[nodiscard]] int knock(BootMs now) const;
  // When knock() shall be asked again; none: only after ended().
  [[nodiscard]] std::optional<BootMs> rests_until() const { return rests_until_; }
  void answer(BootMs now);
  // True when it was our program; it was waited for.
  bool ended(pid_t pid, int status, BootMs now);

private:
  static constexpr BootMs kRestMs = 1'000;

  Door() = default;
  void rest(BootMs now);

  const Identity* identity_ = nullptr;
  Fd listener_;
  Fd nothing_;       // /dev/null
  Fd lifeline_read_; // for the program
  Fd lifeline_;
  pid_t pid_ = -1;
  std::optional<BootMs> rests_until_;
  BootMs rest_ms_ = kRestMs;
};

} // namespace waypost::start
