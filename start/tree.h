// Tree: one life of waypost's programs, from the pipes between them to the last one's end.
//
// The tree holds of all descriptors only the write end of the lifeline and the read end of the
// manager's pipe to us. When the object goes, everything it started is gone: the lifeline closes,
// and who has not left after a moment is killed, senders included (they are in the members' process
// group, and this process is their subreaper).
#pragma once

#include <array>
#include <optional>
#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "start/accounts.h"

namespace waypost::start {

class Tree {
public:
  // Starts all members. `accounts` is empty in a personal home.
  [[nodiscard]] static Result<Tree> start(const Home& home,
                                          const std::optional<Accounts>& accounts);
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

private:
  static constexpr std::size_t kMembers = 6;
  struct Running {
    const char* program = nullptr;
    pid_t pid = -1;
  };

  Tree() = default;
  struct Wires;
  Result<> start_members(const Wires& wires, const std::optional<Accounts>& accounts);
  void end_all();
  bool wait_for_all(int milliseconds);

  std::array<Running, kMembers> members_; // the manager is the first
  pid_t group_ = 0;                       // their process group; 0: none was started
  Fd lifeline_;                           // write end
  Fd from_manager_;
};

} // namespace waypost::start
