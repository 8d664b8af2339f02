// A gate in a process of its own, with programs and a waypost-accept of the test's.
#pragma once

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <vector>

#include "lib/mail/handover.h"
#include "lib/sys/passed_descriptors.h"
#include "smtpd/gate.h"
#include "smtpd/gate_door.h"

namespace gate_rig {

using waypost::Fd;

// Reads to the end.
inline std::string all_of(int fd) {
  std::string all;
  char bytes[4096];
  for (ssize_t n = ::read(fd, bytes, sizeof bytes); n > 0; n = ::read(fd, bytes, sizeof bytes))
    all.append(bytes, static_cast<std::size_t>(n));
  return all;
}

class GateRig {
public:
  GateRig() {
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/waypost-unit-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  GateRig(const GateRig&) = delete;
  GateRig& operator=(const GateRig&) = delete;
  ~GateRig() {
    requests_.reset();
    if (gate_ > 0) ::waitpid(gate_, nullptr, 0);
    if (accept_ > 0) {
      ::kill(accept_, SIGKILL);
      ::waitpid(accept_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  // Somebody in waypost-accept's place, who does this with each connection, one after another.
  void accept(const std::function<void(int connection)>& serve) {
    const Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener.get(), generic, sizeof address) != 0 || ::listen(listener.get(), 32) != 0)
      std::abort();
    accept_ = ::fork();
    if (accept_ != 0) return;
    for (;;) {
      const Fd connection(::accept(listener.get(), nullptr, nullptr));
      serve(connection.get());
    }
  }
  // `script`: what the program in waypost-queue's place does; $0.log is its file.
  struct How {
    bool ask_accept = true;
    waypost::BootMs wait_ms = 60'000; // a slow machine
  };
  void start(const std::string& script) { start(script, How{}); }
  void start(const std::string& script, const How& how) {
    std::ofstream(program()) << "#!/bin/sh\n" << script << "\n";
    ::chmod(program().c_str(), 0755);
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) std::abort();
    requests_ = Fd(pair[0]);
    const Fd gate(pair[1]);
    gate_ = ::fork();
    if (gate_ != 0) return;
    requests_.reset();
    const waypost::RealClock clock;
    waypost::smtpd::Gate served(
        gate.get(), {program(), how.ask_accept ? socket() : "", program(), how.wait_ms}, clock);
    ::_exit(served.run() ? 0 : 1);
  }
  [[nodiscard]] int requests() const { return requests_.get(); }
  // The status of a message.
  [[nodiscard]] int send(std::string_view message, std::string_view envelope) const {
    waypost::smtpd::GateDoor door(requests());
    if (!door.open()) return -1;
    door.message(message);
    return door.finish(envelope);
  }
  // Closes the requests; the gate's exit status.
  int stop() {
    requests_.reset();
    int status = -1;
    ::waitpid(std::exchange(gate_, -1), &status, 0);
    return status;
  }
  void remove_program() const { std::filesystem::remove(program()); }
  // What the program wrote.
  [[nodiscard]] std::string log() const {
    std::ifstream file(program() + ".log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

private:
  [[nodiscard]] std::string socket() const { return folder_ + "/accept"; }
  [[nodiscard]] std::string program() const { return folder_ + "/queue"; }

  std::string folder_;
  Fd requests_;
  pid_t gate_ = -1;
  pid_t accept_ = -1;
};

inline void say(int connection, const std::string& bytes) {
  [[maybe_unused]] const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}
inline void say_go(int connection) {
  say(connection, waypost::encode({true, 0, ""}));
}
// Takes one message; false at the end of the connection.
inline bool take(int connection, std::string& message, std::string& envelope) {
  std::array<Fd, 2> pipes;
  const auto came = waypost::take_descriptors(connection, pipes);
  if (!came || *came != waypost::kHandoverPipes) return false;
  message = all_of(pipes[0].get());
  envelope = all_of(pipes[1].get());
  return true;
}

} // namespace gate_rig
