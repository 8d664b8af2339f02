// Template: the prepared process that senders are forked from (the program waypost-sender).
//
// Reads Start records on its socket and forks a sender for each: 0.1 ms instead of an exec. It has
// no loop and no threads, and touches neither OpenSSL nor c-ares, so it stays small while no mail
// moves. What a sender is confined to is made ready before the fork. Senders that need TLS prepared
// come from a second template, forked from this one for each kind of trust: that one has OpenSSL
// initialised and, for verified TLS, the CA bundle loaded, once. It ends after kKeepTlsMs without a
// new sender.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "deliver/sender_confinements.h"
#include "deliver/start.h"
#include "lib/net/channel.h"
#include "lib/net/channel_parts.h"

namespace waypost::deliver {

class Template {
public:
  static constexpr int kKeepTlsMs = 60'000;

  // `lifeline`: ends this when it becomes readable; none in a second template. `held`: what this
  // process has promised by confine().
  Template(Fd starts, int lifeline, Promises held);

  // Returns when the socket has closed or the lifeline has ended. In a sender's process it never
  // returns.
  [[nodiscard]] Result<> run();

private:
  // Another template that has this trust's TLS ready.
  struct Prepared {
    Fd starts; // our end
    std::int64_t used_ms = 0;
  };

  Result<bool> read_starts(); // false: the socket has closed
  void fork_sender(Start start, Fd channel);
  void pass_on(const Start& start, Fd channel);
  Prepared& prepared_for(const net::TlsTrust& trust);
  [[noreturn]] void become_prepared(Fd starts, const net::TlsTrust& trust);
  void end_unused();
  [[nodiscard]] int next_timeout() const;

  Fd starts_;
  int lifeline_;
  SenderConfinements confinements_;
  IncomingFrames frames_;
  StartReader reader_;
  Fd channel_;                               // of the start that is being read
  std::map<std::string, Prepared> prepared_; // by what tells trusts apart
  std::unique_ptr<net::TlsContext> tls_;     // in a second template
};

} // namespace waypost::deliver
