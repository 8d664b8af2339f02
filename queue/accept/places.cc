#include "queue/accept/places.h"

namespace waypost::queue {

bool Places::free_for(uid_t uid) const {
  const auto found = taken_.find(uid);
  return !full() && (found == taken_.end() || found->second < kOfOneUser);
}

void Places::take(pid_t process, uid_t uid) {
  served_[process] = uid;
  ++taken_[uid];
}

void Places::leave(pid_t process) {
  const auto served = served_.find(process);
  if (served == served_.end()) return;
  const auto taken = taken_.find(served->second);
  if (--taken->second == 0) taken_.erase(taken);
  served_.erase(served);
}

} // namespace waypost::queue
