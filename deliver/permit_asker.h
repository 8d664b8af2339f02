// PermitAsker: the sender's side of permits (permits.h): counts its connections, and asks for each
// when it has to.
//
// A smarthost has one sender and needs no asking. A worker that must wait gives its own signal,
// which is raised when it may connect; nothing counts that as an attempt.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "deliver/hosts.h"
#include "lib/net/channel.h"
#include "lib/net/signal.h"

namespace waypost::deliver {

class PermitAsker {
public:
  // `alone`: for good, without asking. The channel outlives this.
  PermitAsker(Channel& channel, bool alone)
      : channel_(channel),
        state_(alone ? State::alone : State::unknown),
        never_asks_(alone) {}

  // After each lookup: says which hosts these are, when they are others than before.
  void announce(const HostList& hosts);
  // False when the caller has to wait for `waiter`.
  [[nodiscard]] bool take(const std::string& address, net::Signal& waiter);
  void closed(const std::string& address);
  [[nodiscard]] bool shared() const { return state_ == State::shared; }
  // Another sender waits for a connection there: this one is to be closed. True once for each ask.
  [[nodiscard]] bool yields(const std::string& address);
  // From deliver; false when it is another kind of record.
  [[nodiscard]] bool on_record(const Record& record);

private:
  enum class State : std::uint8_t { unknown, alone, shared };
  struct Waiting {
    std::string address;
    net::Signal* waiter;
  };
  void say(const char* type, const std::string& address);
  void go_on_alone();
  void report_and_ask();
  void permitted(const std::string& address);

  Channel& channel_;
  State state_;
  bool never_asks_;
  Record announced_;
  std::vector<std::string> open_; // the address of each connection
  std::deque<Waiting> waiting_;
  std::deque<std::string> yields_; // an address, or "" for any
};

} // namespace waypost::deliver
