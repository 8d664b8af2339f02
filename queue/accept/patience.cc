#include "queue/accept/patience.h"

#include <cerrno>
#include <poll.h>

namespace waypost::queue {

std::expected<void, Refusal> Patience::wait_for(int descriptor) const {
  pollfd watched[2] = {{descriptor, POLLIN, 0}, {lifeline, POLLIN, 0}};
  int ready = ::poll(watched, 2, milliseconds);
  while (ready < 0 && errno == EINTR)
    ready = ::poll(watched, 2, milliseconds);
  if (ready == 0) return std::unexpected(Refusal{QueueExit::timeout, "nothing came for too long"});
  if (ready > 0 && watched[0].revents == 0)
    return std::unexpected(Refusal{QueueExit::busy, "waypost is stopping"});
  return {};
}

} // namespace waypost::queue
