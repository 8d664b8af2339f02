#include "lib/net/socket.h"

#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace waypost::net {

Socket::Socket(Loop& loop, Fd fd)
    : fd_(std::move(fd)),
      ready_(loop),
      poll_(std::make_unique<uv_poll_t>().release()) {
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
  uv_poll_init(loop.uv(), poll_, fd_.get());
  poll_->data = this;
}

Socket::~Socket() {
  // libuv forgets the descriptor within uv_close, so it may be closed right after.
  uv_close(reinterpret_cast<uv_handle_t*>(poll_), [](uv_handle_t* closed) {
    const std::unique_ptr<uv_poll_t> freed(reinterpret_cast<uv_poll_t*>(closed));
  });
}

Result<Fd> Socket::tcp(bool v6, const std::optional<IpAddress>& source) {
  Fd fd(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source) {
    sockaddr_storage from{};
    const socklen_t length = source->to_socket(0, from);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&from), length) != 0) {
      return fail_errno("bind to " + source->text());
    }
  }
  return fd;
}

void Socket::arm(int events) {
  if (armed_ == events) return;
  armed_ = events;
  if (events == 0) {
    uv_poll_stop(poll_);
  } else {
    uv_poll_start(poll_, events, on_poll);
  }
}

void Socket::on_poll(uv_poll_t* poll, int status, int) {
  Socket* const self = static_cast<Socket*>(poll->data);
  if (status < 0) self->armed_ = 0; // libuv has stopped the poll; the next operation sees the error
  if (self->ready_.waiting()) return self->ready_.raise();
  self->arm(0); // readiness that nobody waits for would be reported without end
}

Task<Result<>> Socket::connect(IpAddress address, std::uint16_t port, Deadline deadline) {
  sockaddr_storage to{};
  const socklen_t length = address.to_socket(port, to);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), length) == 0) {
    co_return Result<>();
  }
  if (errno != EINPROGRESS) co_return fail_errno("connect");
  arm(UV_WRITABLE);
  const bool ready = co_await ready_.wait(deadline);
  if (!ready) co_return fail_errno("connect", ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) co_return fail_errno("connect", error);
  co_return Result<>();
}

Task<Result<std::size_t>> Socket::read_some(std::span<char> into, Deadline deadline) {
  for (;;) {
    arm(UV_READABLE);
    const bool ready = co_await ready_.wait(deadline);
    if (!ready) co_return fail_errno("read", ETIMEDOUT);
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (errno != EAGAIN && errno != EINTR) co_return fail_errno("read");
  }
}

Result<std::optional<std::size_t>> Socket::read_now(std::span<char> into) {
  const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
  if (got >= 0) return static_cast<std::size_t>(got);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return fail_errno("read");
}

Result<std::size_t> Socket::write_now(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t put = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (put >= 0) {
      sent += static_cast<std::size_t>(put);
    } else if (errno == EAGAIN) {
      return sent;
    } else if (errno != EINTR) {
      return fail_errno("write");
    }
  }
  return sent;
}

Task<Result<>> Socket::write_all(std::string_view bytes, Deadline deadline) {
  for (;;) {
    const Result<std::size_t> sent = write_now(bytes);
    if (!sent) co_return std::unexpected(sent.error());
    bytes.remove_prefix(*sent);
    if (bytes.empty()) co_return Result<>();
    arm(UV_WRITABLE);
    const bool ready = co_await ready_.wait(deadline);
    if (!ready) co_return fail_errno("write", ETIMEDOUT);
  }
}

} // namespace waypost::net
