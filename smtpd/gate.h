// Gate: the half of waypost-smtpd through which messages go into the queue. It never sees a
// connection.
//
// What a client says is read by a process that has nothing but its descriptors. That process cannot
// reach the queue. So before it confines itself, a process is divided off that has no connection,
// and reads a byte and three descriptors for each message (request.h). It passes the two pipes on
// to waypost-accept, over a few connections that serve one message after another; that costs no
// process for a message. Where waypost-accept cannot be reached, has no place, or is not meant to
// be asked, the gate executes waypost-queue on the pipes; that costs one.
#pragma once

#include <list>
#include <poll.h>
#include <span>
#include <string>
#include <vector>

#include "smtpd/acceptor.h"
#include "smtpd/gate_program.h"

namespace waypost::smtpd {

class Gate {
public:
  struct Ways {
    std::string program;  // waypost-queue
    std::string acceptor; // the socket of waypost-accept; empty: it is not asked
    std::string route;    // waypost-route; empty: nobody is told who is here
    // A slow client with a large message may keep a connection for hours: who waits for one longer
    // than this goes the other way.
    BootMs wait_ms = 100;
  };
  // Owns nothing of these; they outlive it.
  Gate(int requests, Ways ways, const Clock& clock)
      : requests_(requests),
        ways_(std::move(ways)),
        clock_(clock) {}

  // Until nobody is left who could ask. SIGPIPE must be ignored, SIGCHLD not.
  Result<> run();

private:
  // waypost-accept has ten places for a user; two stay for whoever else asks as our user.
  static constexpr std::size_t kMostAcceptors = 8;

  struct Waiting {
    Request request;
    BootMs since;
  };

  [[nodiscard]] bool full() const;
  Result<bool> take_request();
  void reap(int children);
  void hear(std::span<const pollfd> watched);
  void dispatch();
  void call();
  [[nodiscard]] Acceptor* free_acceptor();
  void tidy();
  [[nodiscard]] int patience() const;

  int requests_;
  Ways ways_;
  const Clock& clock_;
  std::list<Waiting> waiting_;
  std::list<Acceptor> acceptors_;
  std::list<GateProgram> programs_;
  BootMs rests_until_ = 0; // no place was to be had
};

} // namespace waypost::smtpd
