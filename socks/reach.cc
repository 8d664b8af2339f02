#include "socks/reach.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <utility>

namespace waypost::socks {
namespace {

using Clock = std::chrono::steady_clock;
using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// Waits until the descriptor is ready. False when the time is over.
bool ready(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd one{fd, events, 0};
    const int got = ::poll(&one, 1, static_cast<int>(std::max<long long>(left, 0)));
    if (got > 0) return true;
    if (got == 0) return false;
    if (errno != EINTR) return true; // the next call on it will say what is wrong
  }
}

Result<Fd> connect_to(const addrinfo& address, Clock::time_point deadline) {
  Fd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return fd;
  if (errno != EINPROGRESS) return fail_errno("connect");
  if (!ready(fd.get(), POLLOUT, deadline)) return fail_errno("connect", ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail_errno("connect", error);
  return fd;
}

Result<Addresses> addresses_of(const Arguments& arguments) {
  addrinfo wanted{};
  wanted.ai_family = arguments.family;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int wrong =
      ::getaddrinfo(arguments.proxy.c_str(), arguments.proxy_port.c_str(), &wanted, &found);
  if (wrong != 0) return waypost::fail(::gai_strerror(wrong));
  return Addresses(found, &::freeaddrinfo);
}

// An address that does not answer leaves time for those behind it.
Result<Fd> connect_to_proxy(const Arguments& arguments, Clock::time_point deadline) {
  const Result<Addresses> addresses = addresses_of(arguments);
  if (!addresses) return std::unexpected(addresses.error());
  int left = 0;
  for (const addrinfo* one = addresses->get(); one != nullptr; one = one->ai_next)
    ++left;
  Result<Fd> last = waypost::fail("it has no address");
  for (const addrinfo* one = addresses->get(); one != nullptr; one = one->ai_next, --left) {
    const Clock::time_point now = Clock::now();
    last = connect_to(*one, now + (deadline - now) / left);
    if (last) break;
  }
  return last;
}

Result<> send_all(int fd, std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      if (!ready(fd, POLLOUT, deadline)) return fail_errno("write", ETIMEDOUT);
    } else if (errno != EINTR) {
      return fail_errno("write");
    }
  }
  return {};
}

// Reads what the negotiation wants, and no more; one round of it.
Result<> read_some(int fd, Negotiation& negotiation, Clock::time_point deadline) {
  std::array<char, 512> block;
  const std::size_t most = std::min(block.size(), negotiation.wanted());
  if (!ready(fd, POLLIN, deadline)) return waypost::fail("timed out");
  const ssize_t got = ::recv(fd, block.data(), most, 0);
  if (got == 0) return waypost::fail("connection closed");
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN) return {};
    return fail_errno("read");
  }
  negotiation.take(std::string_view(block.data(), static_cast<std::size_t>(got)));
  return {};
}

void negotiate(int fd, Negotiation& negotiation, Clock::time_point deadline) {
  while (negotiation.wanted() > 0) {
    Result<> done = send_all(fd, negotiation.outgoing(), deadline);
    if (done) done = read_some(fd, negotiation, deadline);
    if (!done) negotiation.ended(done.error().text);
  }
}

} // namespace

std::expected<Reached, Failure> reach(const Arguments& arguments, std::optional<Login> login) {
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(arguments.timeout_s);
  Result<Fd> fd = connect_to_proxy(arguments, deadline);
  if (!fd) {
    return std::unexpected(
        Failure{Fault::proxy, "the proxy cannot be reached: " + fd.error().text, false, false});
  }
  Negotiation negotiation(arguments.destination, std::move(login));
  negotiate(fd->get(), negotiation, deadline);
  if (negotiation.failure()) return std::unexpected(*negotiation.failure());
  ::fcntl(fd->get(), F_SETFL, ::fcntl(fd->get(), F_GETFL) & ~O_NONBLOCK);
  return Reached{std::move(*fd), negotiation.bound()};
}

} // namespace waypost::socks
