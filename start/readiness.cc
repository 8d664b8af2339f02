#include "start/readiness.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/sys/log.h"

namespace waypost::start {
namespace {

// Nobody will ever hear it there.
bool has_gone(int code) {
  return code == EPIPE || code == ECONNREFUSED || code == ENOTCONN || code == EBADF;
}

// Closes `to` when it was told, or never can be. The machine may lack memory, or the supervisor's
// queue be full: that passes, and `to` is kept.
void settle(Fd& to, ssize_t told) {
  const int code = errno;
  if (told < 0 && !has_gone(code)) return;
  if (told < 0) Log("not_notified").add("error", std::strerror(code)).warning();
  to.reset();
}

} // namespace

bool Readiness::tell() {
  constexpr std::string_view kReady = "READY=1\n";
  if (descriptor_) settle(descriptor_, ::write(descriptor_.get(), "\n", 1));
  if (notify_)
    settle(notify_,
           ::send(notify_.get(), kReady.data(), kReady.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  return !descriptor_ && !notify_;
}

Result<Fd> connect_notify(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || (name.front() != '/' && name.front() != '@') ||
      name.size() >= sizeof address.sun_path)
    return fail("NOTIFY_SOCKET is neither a path nor an abstract name");
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  // An abstract name is as long as is said here: no NUL behind it.
  const std::size_t length = offsetof(sockaddr_un, sun_path) + name.size();
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                static_cast<socklen_t>(length)) != 0)
    return fail_errno("connect to NOTIFY_SOCKET");
  return fd;
}

} // namespace waypost::start
