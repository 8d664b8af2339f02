// Places: who is being served, so that no user takes all of waypost-accept: ten messages at a time
// for each uid, and a bound for all together.
#pragma once

#include <map>
#include <sys/types.h>

namespace waypost::queue {

class Places {
public:
  static constexpr int kOfOneUser = 10;
  static constexpr std::size_t kOfAll = 250; // a process and 150 kB each

  [[nodiscard]] bool full() const { return served_.size() >= kOfAll; }
  [[nodiscard]] bool empty() const { return served_.empty(); }
  [[nodiscard]] bool free_for(uid_t uid) const;
  void take(pid_t process, uid_t uid);
  void leave(pid_t process); // a process that has no place is none of ours

private:
  std::map<pid_t, uid_t> served_;
  std::map<uid_t, int> taken_; // places; never zero
};

} // namespace waypost::queue
