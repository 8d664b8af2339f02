#include "smtpd/gate_door.h"

namespace waypost::smtpd {

Result<> GateDoor::open() {
  Result<Asked> asked = ask(requests_, Request::Kind::message);
  if (!asked) return std::unexpected(asked.error());
  asked_ = std::move(*asked);
  torn_ = false;
  return {};
}

void GateDoor::write(Fd& to, std::string_view bytes) {
  while (to && !bytes.empty()) {
    const ssize_t n = ::write(to.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      torn_ = torn_ || errno != EPIPE; // that: it has ended, and its exit status says why
      return to.reset();
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

int GateDoor::finish(std::string_view envelope) {
  // A message that could not be written to its end has ended early for waypost-queue too, which
  // must not take what it got: so it gets no envelope.
  if (!asked_.first) asked_.second.reset();
  asked_.first.reset();
  if (!torn_) write(asked_.second, envelope); // without it nothing is accepted
  asked_.second.reset();
  const int status = wait();
  return torn_ && status == 0 ? kInternal : status;
}

void GateDoor::abandon() {
  asked_.first.reset();
  asked_.second.reset();
  [[maybe_unused]] const int status = wait();
}

int GateDoor::wait() {
  const int status = await_status(asked_.answer);
  asked_.answer.reset();
  return status;
}

} // namespace waypost::smtpd
