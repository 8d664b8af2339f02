#include "smtpd/dialogue.h"

#include <algorithm>
#include <array>
#include <climits>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <unistd.h>

namespace waypost::smtpd {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} << 10;
constexpr BootMs kLinger = 2000;

enum class Came : bool { in_time, too_late };

Came wait_for(std::span<pollfd> watched, BootMs deadline, const Clock& clock) {
  for (;;) {
    const BootMs left = deadline - clock.boot_ms();
    if (left <= 0) return Came::too_late;
    const int ready =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::min<BootMs>(left, INT_MAX)));
    if (ready > 0 || (ready < 0 && errno != EINTR))
      return Came::in_time; // what is wrong, read says
  }
}

Came wait_for(int fd, short event, BootMs deadline, const Clock& clock) {
  pollfd one{fd, event, 0};
  return wait_for({&one, 1}, deadline, clock);
}

bool again(ssize_t n) {
  return n < 0 && (errno == EINTR || errno == EAGAIN);
}

// As much as goes without waiting, of a pipe when POLLOUT has promised that PIPE_BUF goes.
ssize_t write_some(int out, std::string_view bytes) {
  const ssize_t n = ::send(out, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0 || errno != ENOTSOCK) return n;
  pollfd one{out, POLLOUT, 0};
  if (::poll(&one, 1, 0) == 1)
    return ::write(out, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
  errno = EAGAIN;
  return -1;
}

// False when the client takes nothing more.
bool write_replies(std::string_view bytes, int out, BootMs deadline, const Clock& clock) {
  while (!bytes.empty()) {
    const ssize_t n = write_some(out, bytes);
    if (n < 0 && !again(n)) return false;
    if (n < 0 && wait_for(out, POLLOUT, deadline, clock) == Came::too_late) return false;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool flush(Session& session, int out, const Clock& clock) {
  const bool written = write_replies(session.replies(), out, session.deadline(), clock);
  session.replies().clear();
  return written;
}

// A socket that is closed while something unread lies in it takes its last reply back (RFC 1122
// 4.2.2.13): so what still comes is read for a moment.
void linger(const Wires& wires, const Clock& clock) {
  if (::shutdown(wires.out, SHUT_WR) != 0) return; // no socket, or gone
  std::array<char, 4096> nothing;
  const BootMs deadline = clock.boot_ms() + kLinger;
  while (wait_for(wires.in, POLLIN, deadline, clock) == Came::in_time) {
    const ssize_t n = ::read(wires.in, nothing.data(), nothing.size());
    if (n == 0 || (n < 0 && !again(n))) return;
  }
}

// False: the session is over.
bool take_more(Session& session, std::span<char> buffer, const Wires& wires, const Clock& clock) {
  std::array<pollfd, 2> watched{pollfd{wires.in, POLLIN, 0},
                                pollfd{session.closing() ? -1 : wires.closing, POLLIN, 0}};
  if (wait_for(watched, session.deadline(), clock) == Came::too_late) {
    session.time_out();
    return true;
  }
  if (watched[1].revents != 0) {
    session.close();
    return true;
  }
  const ssize_t n = ::read(wires.in, buffer.data(), buffer.size());
  if (again(n)) return true;
  if (n <= 0) return false;
  session.take({buffer.data(), static_cast<std::size_t>(n)});
  return true;
}

} // namespace

void converse(Session& session, const Wires& wires, const Clock& clock) {
  std::array<char, kBuffer> buffer;
  session.greet();
  while (!session.ended()) {
    if (!flush(session, wires.out, clock)) return;
    if (!take_more(session, buffer, wires, clock)) return;
  }
  // When time is over, a last reply has a moment more.
  const BootMs deadline = clock.boot_ms() + kLinger;
  if (!write_replies(session.replies(), wires.out, deadline, clock)) return;
  session.replies().clear();
  linger(wires, clock);
}

} // namespace waypost::smtpd
