#include "queue/accept/intake.h"

#include <unistd.h>

#include "lib/sys/error.h"

namespace waypost::queue {

Bytes DescriptorIntake::read(int fd) {
  ssize_t n = ::read(fd, buffer_.data(), buffer_.size());
  while (n < 0 && errno == EINTR)
    n = ::read(fd, buffer_.data(), buffer_.size());
  if (n < 0)
    return std::unexpected(Refusal{QueueExit::read_error, fail_errno("read").error().text});
  return std::string_view(buffer_.data(), static_cast<std::size_t>(n));
}

} // namespace waypost::queue
