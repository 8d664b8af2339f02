#include "start/outpost.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "lib/mail/wiring.h"
#include "lib/sys/privilege.h"
#include "lib/sys/wait_for.h"
#include "start/member.h"

namespace waypost::start {
namespace {

constexpr const char* kName = "waypost-outpost"; // 15 bytes, as many as the kernel keeps
constexpr const char* kProgram = "waypost-lspawn";
// In the order of an order's descriptors; numbers from kFirst on cover none of these.
constexpr std::array kPlaces{wiring::kLocalManager, STDOUT_FILENO, wiring::kLifeline};
constexpr int kFirst = 64;

struct Order {
  enum class Kind : std::uint32_t { start, kill }; // without padding: it is sent as it lies
  Kind kind = Kind::start;
  pid_t group = 0;
};
struct Answer {
  pid_t pid = -1;
  int error = 0;
};

using Descriptors = std::array<int, kPlaces.size()>;

// A header and its room for descriptors.
struct Envelope {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Descriptors))> room{};
  iovec bytes{};
  msghdr header{};

  explicit Envelope(void* what, std::size_t length) : bytes{what, length} {
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = room.size();
  }
};

ssize_t send_order(int socket, Order order, const Descriptors* descriptors) {
  Envelope envelope(&order, sizeof order);
  if (descriptors == nullptr) {
    envelope.header.msg_control = nullptr;
    envelope.header.msg_controllen = 0;
  } else {
    cmsghdr* const part = CMSG_FIRSTHDR(&envelope.header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof *descriptors);
    std::memcpy(CMSG_DATA(part), descriptors, sizeof *descriptors);
  }
  return ::sendmsg(socket, &envelope.header, MSG_NOSIGNAL);
}

// What came along, above the numbers where it shall lie.
std::array<Fd, kPlaces.size()> taken_from(msghdr& header) {
  std::array<Fd, kPlaces.size()> taken;
  const cmsghdr* const part = CMSG_FIRSTHDR(&header);
  const bool whole = part != nullptr && part->cmsg_level == SOL_SOCKET &&
                     part->cmsg_type == SCM_RIGHTS &&
                     part->cmsg_len == CMSG_LEN(sizeof(Descriptors));
  if (!whole) return taken;
  Descriptors came{};
  std::memcpy(came.data(), CMSG_DATA(part), sizeof came);
  for (std::size_t i = 0; i < came.size(); ++i) {
    const Fd low(came[i]);
    taken[i] = Fd(::fcntl(low.get(), F_DUPFD_CLOEXEC, kFirst));
  }
  return taken;
}

void block_signals(sigset_t& before) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
}

void allow_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

Answer carry_out(const Order& order, msghdr& header) {
  const auto descriptors = taken_from(header);
  if (order.kind == Order::Kind::kill) {
    if (order.group > 1) ::kill(-order.group, SIGKILL); // -1 would be everybody
    return {};
  }
  Member member{kProgram, {}};
  for (std::size_t i = 0; i < kPlaces.size(); ++i)
    member.placements.push_back({kPlaces[i], descriptors[i].get()});
  const Result<pid_t> started = start_sibling(member, order.group);
  if (started) return {*started, 0};
  return {-1, started.error().code};
}

[[noreturn]] void serve(int socket, pid_t starter) {
  // A terminal and a supervisor signal the whole group: waypost-start decides when it ends.
  for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE})
    ::signal(number, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  // What every program of ours gives up at least.
  if (!forbid_inspection() || !forbid_new_privileges()) ::_exit(127);
  ::prctl(PR_SET_NAME, kName);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != starter) ::_exit(0);
  allow_signals();
  for (;;) {
    Order order;
    Envelope envelope(&order, sizeof order);
    const ssize_t n = ::recvmsg(socket, &envelope.header, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n != sizeof order) ::_exit(0); // waypost-start has gone
    if (order.kind != Order::Kind::start && order.kind != Order::Kind::kill) ::_exit(0);
    const Answer answer = carry_out(order, envelope.header);
    if (order.kind == Order::Kind::kill) continue;
    if (::send(socket, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer) ::_exit(0);
  }
}

} // namespace

Result<Outpost> Outpost::leave_behind() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("socketpair");
  Fd ours(ends[0]);
  const Fd its(ends[1]);
  const pid_t starter = ::getpid();
  // None may come before the outpost ignores it.
  sigset_t before;
  block_signals(before);
  const pid_t child = ::fork();
  const int code = errno;
  if (child != 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return fail_errno("fork", code);
  if (child == 0) {
    // Nothing of waypost-start's: not its lock on the home, nor the descriptor of -d.
    const bool alone = place({{STDIN_FILENO, its.get()}});
    if (!alone) ::_exit(127);
    serve(STDIN_FILENO, starter);
  }
  return Outpost(child, std::move(ours));
}

Outpost::Outpost(Outpost&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)) {}

Outpost::~Outpost() {
  if (pid_ < 0) return;
  socket_.reset();
  static_cast<void>(wait_for(pid_)); // however it ended
}

Result<pid_t> Outpost::start_lspawn(int socket, int nothing, int lifeline, pid_t group) const {
  const Descriptors descriptors{socket, nothing, lifeline};
  if (send_order(socket_.get(), {Order::Kind::start, group}, &descriptors) < 0)
    return fail_errno("order waypost-lspawn");
  Answer answer;
  ssize_t n = -1;
  do {
    n = ::recv(socket_.get(), &answer, sizeof answer, 0);
  } while (n < 0 && errno == EINTR);
  if (n != sizeof answer) return fail("the outpost has ended");
  if (answer.pid < 0) return fail_errno("start waypost-lspawn", answer.error);
  return answer.pid;
}

void Outpost::kill_group(pid_t group) const {
  static_cast<void>(send_order(socket_.get(), {Order::Kind::kill, group}, nullptr));
}

} // namespace waypost::start
