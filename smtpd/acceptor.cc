#include "smtpd/acceptor.h"

#include <array>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/mail/handover.h"
#include "lib/sys/passed_descriptors.h"

namespace waypost::smtpd {
namespace {

constexpr BootMs kHalfMs = 1'000;

} // namespace

Result<Acceptor> Acceptor::call(const std::string& socket, BootMs now) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return fail("the name is too long: " + socket);
  std::memcpy(address.sun_path, socket.c_str(), socket.size());
  Fd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!connection) return fail_errno("socket");
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(connection.get(), generic, sizeof address) != 0) return fail_errno(socket);
  return Acceptor(std::move(connection), now);
}

bool Acceptor::hand_over(Request& request, BootMs now) {
  const std::array pipes{request.first(), request.second()};
  if (!pass_descriptors(connection_.get(), kHandoverPipes, pipes)) {
    turn(State::gone, now);
    return false;
  }
  request_ = std::move(request);
  request_.close_pipes();
  turn(State::busy, now);
  return true;
}

void Acceptor::hear(BootMs now) {
  std::array<char, 2048> bytes;
  const ssize_t n = ::recv(connection_.get(), bytes.data(), bytes.size(), 0);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) return break_off(now);
  if (heard_.empty()) half_since_ = now;
  heard_.append(bytes.data(), static_cast<std::size_t>(n));
  std::string_view rest = heard_;
  const auto answer = take_handover_answer(rest);
  if (!answer) return break_off(now);
  if (!*answer) return;
  heard_.erase(0, heard_.size() - rest.size());
  const bool expected = (*answer)->go ? state_ == State::calling : state_ == State::busy;
  // Without a place for us it says a status in place of G.
  if (!expected || !heard_.empty()) return break_off(now);
  if (state_ == State::busy) request_.answer((*answer)->status);
  turn(State::free, now);
}

std::optional<BootMs> Acceptor::half_until() const {
  const bool over = state_ == State::gone || state_ == State::refused;
  if (over || heard_.empty()) return std::nullopt;
  return half_since_ + kHalfMs;
}

void Acceptor::lose_patience(BootMs now) {
  if (const auto until = half_until(); until && now >= *until) break_off(now);
}

void Acceptor::break_off(BootMs now) {
  if (state_ == State::busy) request_.answer(kConnectionLost);
  turn(state_ == State::calling ? State::refused : State::gone, now);
}

void Acceptor::turn(State state, BootMs now) {
  state_ = state;
  since_ = now;
}

} // namespace waypost::smtpd
