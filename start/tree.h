// Tree: one life of waypost's programs, from the pipes between them to the last one's end.
//
// The tree holds of all descriptors only the write end of the lifeline and the read end of the
// manager's pipe to us; and, as long as a member sleeps, what that one will be given.
//
// A sleeper is a member that is started when the first word for it lies in its socket: who is not
// needed costs no memory. We see that the socket is readable, and never read it. From then on it is
// a member like the others, to its end. When the object goes, everything it started is gone: the
// lifeline closes, and who has not left after a moment is killed, senders included (they are in the
// members' process group, and this process is their subreaper).
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "start/accounts.h"
#include "start/member.h"
#include "start/outpost.h"

namespace waypost::start {

class Tree {
public:
  // Starts all members. `accounts` is empty in a personal home.
  // `outpost` starts those that waypost-start's confinement must not hold; it outlives the tree.
  [[nodiscard]] static Result<Tree> start(const Home& home, const std::optional<Accounts>& accounts,
                                          const Outpost& outpost);
  Tree(Tree&& other) noexcept;
  Tree& operator=(Tree&&) = delete;
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();

  // The name of the member with this process id; none when it is no member, or has been reported.
  [[nodiscard]] std::optional<std::string_view> member(pid_t pid) const;
  // That process has ended and was waited for.
  void ended(pid_t pid);
  // What the manager writes to us.
  [[nodiscard]] int from_manager() const { return from_manager_.get(); }
  void hang_up() { from_manager_.reset(); }
  void signal_manager(int number) const;

  // The sockets of the sleepers, to be watched for reading.
  [[nodiscard]] std::vector<int> sleepers() const;
  // Starts who sleeps at that socket, and tells its name. An error: it could not be started.
  Result<std::string> wake(int socket);
  // The other end of that socket is gone, so nobody will ever need the sleeper.
  void forget(int socket);

private:
  struct Running {
    std::string program;
    pid_t pid = -1;
  };
  struct Sleeper {
    const char* program = nullptr;
    std::optional<Identity> identity;
    Fd socket;            // its descriptor 0
    bool outside = false; // of waypost-start's confinement: the outpost starts it
  };

  explicit Tree(const Outpost& outpost) : outpost_(&outpost) {}
  struct Wires;
  Result<> start_members(const Wires& wires, const std::optional<Accounts>& accounts);
  Result<> start_one(const Member& member, const Identity* identity);
  Result<> start_outside(const char* program, int socket);
  void lay_to_sleep(Wires& wires, const std::optional<Accounts>& accounts);
  void end_all();
  bool wait_for_all(int milliseconds);

  const Outpost* outpost_;
  std::vector<Running> members_; // the manager is the first
  std::vector<Sleeper> sleepers_;
  Fd sleepers_lifeline_; // read end, for them
  Fd sleepers_nothing_;  // /dev/null
  pid_t group_ = 0;      // the members' process group; 0: none was started
  Fd lifeline_;          // write end
  Fd from_manager_;
};

} // namespace waypost::start
