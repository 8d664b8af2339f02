#include "demo/wire.h"

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

namespace waypost::demo {
namespace {

constexpr std::size_t kMostLine = std::size_t{1} << 20;

} // namespace

Wire::Wire(Fd socket) : socket_(std::move(socket)) {
  // Each piece is a packet of its own.
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool Wire::send_at_once(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!socket_) return false;
    const int most = static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 16));
    const ssize_t n =
        tls_ ? ::SSL_write(tls_.get(), bytes.data(), most)
             : ::send(socket_.get(), bytes.data(), static_cast<std::size_t>(most), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void Wire::in_pieces(std::uint64_t bytes, std::chrono::milliseconds pause) {
  piece_ = bytes;
  pause_ = pause;
}

bool Wire::send(std::string_view bytes) {
  if (piece_ == 0) return send_at_once(bytes);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, piece_);
    if (!send_at_once(piece)) return false;
    bytes.remove_prefix(piece.size());
    std::this_thread::sleep_for(pause_);
  }
  return true;
}

bool Wire::fill() {
  if (!socket_) return false;
  std::array<char, 65536> bytes;
  const ssize_t n = tls_ ? ::SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                         : ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (n <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(n));
  return true;
}

// Where the line that is under way ends, looking from there on.
std::optional<std::size_t> Wire::end_of_line(LineEnds ends, std::size_t from) const {
  const std::size_t at = ends == LineEnds::strict
                             ? unread_.find("\r\n", from == 0 ? 0 : from - 1)
                             : unread_.find_first_of(ends == LineEnds::any ? "\r\n" : "\n", from);
  if (at == std::string::npos) return std::nullopt;
  return at;
}

std::optional<std::string> Wire::read_line(LineEnds ends) {
  std::size_t looked = 0;
  while (true) {
    if (skip_lf_ && !unread_.empty()) {
      if (unread_.front() == '\n') unread_.erase(0, 1);
      skip_lf_ = false;
    }
    const std::optional<std::size_t> end = end_of_line(ends, looked);
    if (end) {
      std::string line = unread_.substr(0, *end);
      const bool strict = ends == LineEnds::strict;
      skip_lf_ = !strict && unread_[*end] == '\r';
      unread_.erase(0, *end + (strict ? 2 : 1));
      if (ends == LineEnds::lf && line.ends_with('\r')) line.pop_back();
      return line;
    }
    looked = unread_.size();
    if (looked > kMostLine || !fill()) return std::nullopt;
  }
}

bool Wire::read(std::uint64_t count) {
  while (unread_.size() < count) {
    count -= unread_.size();
    unread_.clear();
    if (!fill()) return false;
  }
  unread_.erase(0, count);
  return true;
}

bool Wire::begin_tls(TlsServer& server) {
  // What came in clear text behind STARTTLS is nobody's command.
  unread_.clear();
  tls_ = server.accept(socket_.get());
  return tls_ != nullptr;
}

void Wire::read_until_gone() {
  do
    unread_.clear();
  while (fill());
}

void Wire::wait_until_gone() {
  if (!socket_) return;
  // Neither end of file nor reset is readable data, and what is data stays where it is.
  pollfd gone{socket_.get(), POLLRDHUP, 0};
  while (::poll(&gone, 1, -1) < 0 && errno == EINTR)
    ;
}

void Wire::close() {
  if (!socket_) return;
  if (tls_) ::SSL_shutdown(tls_.get());
  tls_.reset();
  // With bytes unread, close would send RST and might take the last reply from the client.
  ::shutdown(socket_.get(), SHUT_WR);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  pollfd rest{socket_.get(), POLLIN, 0};
  while (std::chrono::steady_clock::now() < until && ::poll(&rest, 1, 100) >= 0)
    if (unread_.clear(); rest.revents != 0 && !fill()) break;
  socket_.reset();
}

void Wire::reset() {
  const linger none{1, 0};
  if (socket_) ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  tls_.reset();
  socket_.reset();
}

} // namespace waypost::demo
