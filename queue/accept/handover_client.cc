#include "queue/accept/handover_client.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/mail/handover.h"
#include "lib/sys/clock.h"
#include "lib/sys/fd.h"

namespace waypost::queue {
namespace {

using Step = std::expected<void, Refusal>;

constexpr std::size_t kGathered = std::size_t{1} << 20;
constexpr int kAnswerMs = 300'000; // a slow disk; then nobody knows, and the caller tries again
constexpr int kPauseMs = 100;

std::unexpected<Refusal> refuse(QueueExit exit, std::string text) {
  return std::unexpected(Refusal{exit, std::move(text)});
}

// What a status of waypost-accept is to our caller: it is one of waypost-queue's.
Step outcome(const HandoverAnswer& answer) {
  if (answer.status == 0) return {};
  return refuse(static_cast<QueueExit>(answer.status), answer.text);
}

// How long connecting and sending may wait for waypost-accept.
void set_patience(const Fd& socket, int milliseconds) {
  const timeval patience{milliseconds / 1000, milliseconds % 1000 * 1000};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Result<Fd> connect_to(const std::string& path, int wait_ms) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("the name is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  set_patience(fd, wait_ms);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), generic, sizeof address) != 0) return fail_errno(path);
  set_patience(fd, kAnswerMs);
  return fd;
}

// qmail's envelope ends with an empty field: a NUL behind a NUL.
class EnvelopeEnd {
public:
  bool in(std::string_view bytes) {
    for (const char c : bytes) {
      if (c == '\0' && after_nul_) return true;
      after_nul_ = c == '\0';
    }
    return false;
  }

private:
  bool after_nul_ = false;
};

class Client {
public:
  explicit Client(const Handover& handover) : handover_(handover) {}
  Step run();

private:
  Step relay(int from, HandoverPart part);
  Step find_place();
  Step send_gathered();
  // The next answer; an error when the connection ends first, or half of one is all that comes.
  std::expected<HandoverAnswer, Refusal> answer();
  // Waits for bytes on `from`. False: waypost-accept has spoken first, or is gone.
  [[nodiscard]] bool input_first(int from) const;

  Handover handover_;
  std::string gathered_;
  Fd connection_; // once there is a place
  std::string heard_;
  bool over_ = false; // waypost-accept wants no more: its answer says why
};

Step Client::run() {
  Step step = relay(handover_.message, HandoverPart::message);
  if (step && !over_) step = relay(handover_.envelope, HandoverPart::envelope);
  if (step && !over_ && !connection_) step = find_place();
  if (step && !over_) step = send_gathered();
  if (!step) return step;
  const auto last = answer();
  if (!last) return std::unexpected(last.error());
  // It cannot have accepted what it has not had.
  if (last->go || (over_ && last->status == 0))
    return refuse(QueueExit::connection_lost, "waypost-accept answers out of turn");
  return outcome(*last);
}

Step Client::relay(int from, HandoverPart part) {
  static constexpr std::size_t kPiece = kMaxHandoverFrame - 1;
  EnvelopeEnd end;
  for (;;) {
    if (connection_ && !input_first(from)) {
      over_ = true;
      return {};
    }
    char bytes[kPiece];
    const ssize_t n = ::read(from, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refuse(QueueExit::read_error, fail_errno("read").error().text);
    const std::string_view some(bytes, static_cast<std::size_t>(n));
    if (n == 0 && part == HandoverPart::envelope)
      return refuse(QueueExit::read_error, "the envelope ends early");
    if (n == 0) return {};
    append_handover(gathered_, part, some);
    if (part == HandoverPart::envelope && end.in(some)) return {};
    if (gathered_.size() < kGathered && !connection_) continue;
    if (!connection_) {
      const Step found = find_place();
      if (!found) return found;
    }
    const Step sent = send_gathered();
    if (!sent || over_) return sent;
  }
}

// Nothing was handed over yet, so trying again is safe.
Step Client::find_place() {
  const RealClock clock;
  const BootMs until = clock.boot_ms() + handover_.wait_ms;
  for (;;) {
    Step step = refuse(QueueExit::busy, "");
    Result<Fd> connected = connect_to(handover_.socket, handover_.wait_ms);
    if (connected) {
      connection_ = std::move(*connected);
      heard_.clear();
      const auto first = answer();
      if (first && first->go) return {};
      connection_.reset();
      step = first ? outcome(*first) : Step(std::unexpected(first.error()));
    } else if (connected.error().code == ECONNREFUSED || connected.error().code == EAGAIN) {
      step = refuse(QueueExit::not_connected, connected.error().text);
    } else { // nobody has ever listened there
      return refuse(QueueExit::not_connected, connected.error().text);
    }
    if (step) return refuse(QueueExit::connection_lost, "waypost-accept answers too early");
    if (clock.boot_ms() >= until) return step;
    ::usleep(kPauseMs * 1000);
  }
}

Step Client::send_gathered() {
  std::string_view rest = gathered_;
  while (!rest.empty()) {
    const ssize_t n = ::send(connection_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) // for five minutes
      return refuse(QueueExit::no_answer, "waypost-accept takes nothing more");
    if (n < 0 && errno != EPIPE &&
        errno != ECONNRESET) // ours: it would wait for more, and we for it
      return refuse(QueueExit::connection_lost, fail_errno("send").error().text);
    if (n < 0) { // it has closed, and perhaps said why
      over_ = true;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  gathered_.clear();
  return {};
}

std::expected<HandoverAnswer, Refusal> Client::answer() {
  const RealClock clock;
  BootMs until = clock.boot_ms() + (heard_.empty() ? kAnswerMs : handover_.rest_ms);
  for (;;) {
    std::string_view rest = heard_;
    const auto found = take_handover_answer(rest);
    if (!found) return refuse(QueueExit::connection_lost, found.error().text);
    if (*found) {
      HandoverAnswer taken = **found;
      heard_.erase(0, heard_.size() - rest.size());
      return taken;
    }
    pollfd watched{connection_.get(), POLLIN, 0};
    const BootMs left = std::max<BootMs>(until - clock.boot_ms(), 0);
    if (::poll(&watched, 1, static_cast<int>(left)) == 0) {
      const bool half = !heard_.empty();
      return refuse(QueueExit::no_answer, half ? "waypost-accept stopped amid its answer"
                                               : "waypost-accept says nothing");
    }
    char bytes[2048];
    const ssize_t n = ::recv(connection_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) {
      heard_.clear();
      return refuse(QueueExit::connection_lost, "the connection to waypost-accept broke off");
    }
    if (heard_.empty()) until = clock.boot_ms() + handover_.rest_ms;
    heard_.append(bytes, static_cast<std::size_t>(n));
  }
}

bool Client::input_first(int from) const {
  pollfd watched[2] = {{connection_.get(), POLLIN, 0}, {from, POLLIN, 0}};
  while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  return watched[0].revents == 0;
}

} // namespace

bool may_drop(const std::string& spool) {
  const std::string folder = spool + "/new";
  return ::faccessat(AT_FDCWD, folder.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

std::expected<void, Refusal> hand_over(const Handover& handover) {
  return Client(handover).run();
}

} // namespace waypost::queue
