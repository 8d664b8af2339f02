#include "start/descriptors.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/sys/pipe.h"

namespace waypost::start {
namespace {

constexpr int kFirst = 64;
constexpr int kBacklog = 128;

Result<Fd> move_up(Fd fd) {
  Fd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirst));
  if (!high) return fail_errno("dup");
  return high;
}

Result<Ends> move_up(Fd first, Fd second) {
  Result<Fd> one = move_up(std::move(first));
  Result<Fd> other = move_up(std::move(second));
  if (!one) return std::unexpected(one.error());
  if (!other) return std::unexpected(other.error());
  return Ends{std::move(*one), std::move(*other)};
}

} // namespace

Result<Ends> make_pipe() {
  Result<Pipe> pipe = open_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  return move_up(std::move(pipe->read), std::move(pipe->write));
}

Result<Ends> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("socketpair");
  return move_up(Fd(ends[0]), Fd(ends[1]));
}

Result<Fd> listen_at(const std::string& path, unsigned mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail("the name is too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const Fd bound(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!bound) return fail_errno("socket");
  // The caller holds the lock of this home, so a name that is there is of the dead.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno("unlink " + path);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(bound.get(), generic, sizeof address) != 0) return fail_errno("bind " + path);
  if (::chmod(path.c_str(), mode) != 0) return fail_errno("chmod " + path);
  if (::listen(bound.get(), kBacklog) != 0) return fail_errno("listen " + path);
  Fd high(::fcntl(bound.get(), F_DUPFD_CLOEXEC, kFirst));
  if (!high) return fail_errno("dup");
  return high;
}

bool place(const std::vector<Placement>& placements) {
  int last = STDERR_FILENO;
  for (const Placement& one : placements) {
    if (::dup2(one.source, one.target) < 0) return false;
    last = std::max(last, one.target);
  }
  for (int fd = 0; fd <= last; ++fd) {
    const bool named =
        std::ranges::any_of(placements, [fd](const Placement& one) { return one.target == fd; });
    if (!named && fd != STDERR_FILENO) ::close(fd);
  }
  return ::close_range(static_cast<unsigned>(last) + 1, ~0U, 0) == 0;
}

} // namespace waypost::start
