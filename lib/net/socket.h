// Socket: a non-blocking stream socket whose operations are awaited, each with a deadline.
//
// Owned by one coroutine at a time: at most one operation is under way. Bytes go straight between
// the caller's memory and the kernel, so a dropped operation leaves nothing behind. Readiness for
// reading stays armed between operations, since each change of it costs system calls. A deadline
// that has passed is an Error with ETIMEDOUT.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "lib/net/ip.h"
#include "lib/net/signal.h"
#include "lib/net/task.h"
#include "lib/sys/error.h"
#include "lib/sys/fd.h"

namespace waypost::net {

class Socket {
public:
  // Takes a socket, connected or not, and makes it non-blocking.
  Socket(Loop& loop, Fd fd);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  // A TCP socket with TCP_NODELAY, bound to `source` where one is given.
  [[nodiscard]] static Result<Fd> tcp(bool v6, const std::optional<IpAddress>& source);

  [[nodiscard]] Task<Result<>> connect(IpAddress address, std::uint16_t port, Deadline deadline);
  // At least one byte, as many as are there; 0 at the end of the stream.
  [[nodiscard]] Task<Result<std::size_t>> read_some(std::span<char> into, Deadline deadline);
  [[nodiscard]] Task<Result<>> write_all(std::string_view bytes, Deadline deadline);

  // What has arrived, without waiting: none while nothing has, 0 at the end of the stream.
  [[nodiscard]] Result<std::optional<std::size_t>> read_now(std::span<char> into);
  // What can be written at once without waiting: a write that mostly succeeds whole.
  [[nodiscard]] Result<std::size_t> write_now(std::string_view bytes);

private:
  void arm(int events);
  static void on_poll(uv_poll_t* poll, int status, int events);

  Fd fd_;
  Signal ready_;
  uv_poll_t* poll_; // freed by uv_close
  int armed_ = 0;
};

} // namespace waypost::net
