#include "queue/accept/handover_intake.h"

#include <sys/socket.h>
#include <utility>

namespace waypost::queue {
namespace {

std::unexpected<Refusal> refuse(QueueExit exit, std::string text) {
  return std::unexpected(Refusal{exit, std::move(text)});
}

} // namespace

Bytes HandoverIntake::message() {
  const auto next = piece();
  if (!next) return std::unexpected(next.error());
  if (!*next) return refuse(QueueExit::read_error, "the connection ended within the message");
  if ((*next)->part == HandoverPart::message) return (*next)->bytes;
  first_of_envelope_ = (*next)->bytes;
  return std::string_view();
}

Bytes HandoverIntake::envelope() {
  if (!first_of_envelope_.empty()) return std::exchange(first_of_envelope_, {});
  const auto next = piece();
  if (!next) return std::unexpected(next.error());
  return *next ? (*next)->bytes : std::string_view();
}

std::expected<std::optional<HandoverPiece>, Refusal> HandoverIntake::piece() {
  for (;;) {
    const auto next = reader_.next();
    if (!next) return refuse(QueueExit::bad_envelope, next.error().text);
    if (*next) return *next;
    const auto more = receive();
    if (!more) return std::unexpected(more.error());
    if (!*more) return std::nullopt;
  }
}

std::expected<bool, Refusal> HandoverIntake::receive() {
  const auto ready = patience_.wait_for(connection_);
  if (!ready) return std::unexpected(ready.error());
  const std::span<char> room = reader_.room();
  ssize_t n = ::recv(connection_, room.data(), room.size(), MSG_DONTWAIT);
  while (n < 0 && errno == EINTR)
    n = ::recv(connection_, room.data(), room.size(), MSG_DONTWAIT);
  if (n < 0) return refuse(QueueExit::read_error, fail_errno("receive").error().text);
  reader_.received(static_cast<std::size_t>(n));
  return n > 0;
}

} // namespace waypost::queue
