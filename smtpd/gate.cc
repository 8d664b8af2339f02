#include "smtpd/gate.h"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waypost::smtpd {
namespace {

constexpr std::size_t kDescriptors = 2; // message, envelope
constexpr int kInternal = 81;           // waypost-queue(8)

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

struct Handed {
  Fd message;
  Fd envelope;
};

union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(kDescriptors * sizeof(int))> bytes;
};

bool send_request(int to, int message, int envelope) {
  char byte = 'Q';
  iovec part{&byte, 1};
  Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(kDescriptors * sizeof(int));
  const int both[kDescriptors] = {message, envelope};
  std::memcpy(CMSG_DATA(rights), both, sizeof both);
  return ::sendmsg(to, &header, MSG_NOSIGNAL) == 1;
}

// False at the end, and when anything but a request comes.
bool receive_request(int from, Handed& handed) {
  char byte = 0;
  iovec part{&byte, 1};
  Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  ssize_t n = ::recvmsg(from, &header, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR)
    n = ::recvmsg(from, &header, MSG_CMSG_CLOEXEC);
  const cmsghdr* const rights = n == 1 ? CMSG_FIRSTHDR(&header) : nullptr;
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
      rights->cmsg_len != CMSG_LEN(kDescriptors * sizeof(int)))
    return false;
  int both[kDescriptors];
  std::memcpy(both, CMSG_DATA(rights), sizeof both);
  handed.message.reset(both[0]);
  handed.envelope.reset(both[1]);
  return true;
}

// Between vfork and exec the child runs on our stack: system calls alone, and no return.
// NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)
pid_t spawn(const char* program, const Handed& handed) {
  const char* const slash = std::strrchr(program, '/');
  char* const arguments[] = {const_cast<char*>(slash == nullptr ? program : slash + 1), nullptr};
  const pid_t child = ::vfork();
  if (child == 0) {
    if (::dup2(handed.message.get(), STDIN_FILENO) >= 0 &&
        ::dup2(handed.envelope.get(), STDOUT_FILENO) >= 0)
      ::execve(program, arguments, environ);
    ::_exit(kInternal);
  }
  return child;
}
// NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork,bugprone-unsafe-functions)

int status_of(pid_t child) {
  if (child < 0) return kInternal;
  int status = 0;
  pid_t ended = ::waitpid(child, &status, 0);
  while (ended < 0 && errno == EINTR)
    ended = ::waitpid(child, &status, 0);
  return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : kInternal;
}

} // namespace

void keep_gate(int requests, const std::string& program) {
  for (;;) {
    pid_t child = -1;
    {
      Handed handed;
      if (!receive_request(requests, handed)) return;
      child = spawn(program.c_str(), handed);
    } // the pipes have one reader now: when it ends early, writing stops
    const char status = static_cast<char>(status_of(child));
    if (::send(requests, &status, 1, MSG_NOSIGNAL) != 1) return;
  }
}

Result<> GateDoor::open() {
  Result<Pipe> message = make_pipe();
  if (!message) return std::unexpected(message.error());
  Result<Pipe> envelope = make_pipe();
  if (!envelope) return std::unexpected(envelope.error());
  if (!send_request(requests_.get(), message->read.get(), envelope->read.get()))
    return fail("the gate is gone");
  message_ = std::move(message->write);
  envelope_ = std::move(envelope->write);
  return {};
}

void GateDoor::write(Fd& to, std::string_view bytes) {
  while (to && !bytes.empty()) {
    const ssize_t n = ::write(to.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return to.reset(); // EPIPE: it has ended, and its exit status says why
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

int GateDoor::finish(std::string_view envelope) {
  message_.reset();
  write(envelope_, envelope);
  envelope_.reset();
  return wait();
}

void GateDoor::abandon() {
  message_.reset();
  envelope_.reset();
  [[maybe_unused]] const int status = wait();
}

int GateDoor::wait() {
  char status = 0;
  ssize_t n = ::recv(requests_.get(), &status, 1, 0);
  while (n < 0 && errno == EINTR)
    n = ::recv(requests_.get(), &status, 1, 0);
  return n == 1 ? static_cast<unsigned char>(status) : kInternal;
}

} // namespace waypost::smtpd
