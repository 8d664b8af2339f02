#include "start/readiness.h"

#include <cstddef>
#include <cstring>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace waypost::start {

void Readiness::tell() {
  constexpr std::string_view kReady = "READY=1\n";
  if (descriptor_) {
    [[maybe_unused]] const ssize_t told = ::write(descriptor_.get(), "\n", 1);
  }
  if (notify_) {
    [[maybe_unused]] const ssize_t told =
        ::send(notify_.get(), kReady.data(), kReady.size(), MSG_NOSIGNAL);
  }
  descriptor_.reset();
  notify_.reset();
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
