// A waypost-accept of the test's own: its socket, its spool, and a process that serves by the
// program's own code, with the patience and the limits that the test wants.
#pragma once

#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mail/handover.h"
#include "lib/sys/fd.h"
#include "queue/accept/accept.h"
#include "queue/accept/handovers.h"
#include "queue/accept/reception.h"
#include "tests/unit/queue-accept/spool_folder.h"

namespace waypost::test {

class HandoverRig {
public:
  struct Limits {
    int patience_ms = 20'000;
    int idle_ms = 60'000;
    std::uint64_t size_max = 0;
  };

  HandoverRig() {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    lifeline_read_ = Fd(ends[0]);
    lifeline_ = Fd(ends[1]);
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const sockaddr_un address = this->address();
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener_.get(), generic, sizeof address) != 0) std::abort();
    if (::listen(listener_.get(), 32) != 0) std::abort();
  }
  ~HandoverRig() {
    lifeline_.reset();
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  HandoverRig(const HandoverRig&) = delete;
  HandoverRig& operator=(const HandoverRig&) = delete;

  void start() { start(Limits{}); }
  void start(const Limits& limits) {
    start([this, limits](int connection, uid_t caller) { serve(limits, connection, caller); },
          limits.idle_ms);
  }
  void start(const queue::Reception::Serve& serve, int idle_ms = 60'000) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    lifeline_.reset();
    queue::Reception reception({listener_.get(), lifeline_read_.get(), idle_ms}, serve);
    ::_exit(reception.run() ? 0 : 1);
  }
  // Somebody else in waypost-accept's place, who says this to everybody, piece after piece, and
  // then hangs up, or listens on without another word.
  enum class Then : bool { hangs_up, listens };
  void pretend(const std::vector<std::string>& said, Then then = Then::hangs_up) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    lifeline_.reset();
    for (;;) {
      pollfd watched[2] = {{listener_.get(), POLLIN, 0}, {lifeline_read_.get(), POLLIN, 0}};
      ::poll(watched, 2, -1);
      if (watched[1].revents != 0) ::_exit(0);
      const Fd connection(::accept(listener_.get(), nullptr, nullptr));
      for (const std::string& piece : said) {
        if (&piece != &said.front()) ::usleep(20'000); // so that they are likely to be read apart
        [[maybe_unused]] const ssize_t n = ::write(connection.get(), piece.data(), piece.size());
      }
      if (then == Then::listens) static_cast<void>(hear(connection));
    }
  }
  // Closes the lifeline, or waits for an end that comes by itself; the exit status.
  int stop() {
    lifeline_.reset();
    return wait();
  }
  int wait() {
    int status = -1;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

  [[nodiscard]] Fd connect() const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    const sockaddr_un address = this->address();
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd.get(), generic, sizeof address) != 0) std::abort();
    return fd;
  }
  [[nodiscard]] const SpoolFolder& spool() const { return spool_; }
  [[nodiscard]] std::string socket() const { return spool_.path() + "/accept"; }

  // What comes until the connection ends.
  [[nodiscard]] static std::string hear(const Fd& connection) {
    std::string heard;
    char bytes[4096];
    for (;;) {
      const ssize_t n = ::read(connection.get(), bytes, sizeof bytes);
      if (n <= 0) return heard;
      heard.append(bytes, static_cast<std::size_t>(n));
    }
  }
  // The first answer.
  [[nodiscard]] static HandoverAnswer answer(const Fd& connection) {
    std::string heard;
    for (;;) {
      std::string_view rest = heard;
      const auto found = take_handover_answer(rest);
      if (found && *found) return **found;
      char byte = 0;
      if (!found || ::read(connection.get(), &byte, 1) != 1) return {false, -1, "none"};
      heard += byte;
    }
  }

private:
  [[nodiscard]] sockaddr_un address() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    return address;
  }

  void serve(const Limits& limits, int connection, uid_t caller) const {
    RealFs fs;
    queue::AcceptRequest request{spool_.path(),         "mail.example.org",
                                 {limits.size_max, {}}, {caller, true},
                                 1'795'303'575'113'372, static_cast<std::uint32_t>(::getpid())};
    queue::Handovers handovers(connection, {lifeline_read_.get(), limits.patience_ms},
                               [&](queue::Intake& intake) {
                                 ++request.now; // ids differ
                                 return queue::accept_message(fs, request, intake);
                               });
    handovers.serve();
  }

  SpoolFolder spool_;
  Fd lifeline_read_;
  Fd lifeline_;
  Fd listener_;
  pid_t pid_ = -1;
};

} // namespace waypost::test
