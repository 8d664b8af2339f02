// Worker: one connection's worth of a sender: takes a job, finds it a server, has the dialogue,
// reports, and keeps the connection for the next.
//
// Never after a protocol error or a lost connection, and for at most messages_per_connection, or
// what the server allows (RFC 9422). An
// idle connection is closed after kKeepMs, since servers count them, and at once when its last
// transaction delivered nothing: a server that has just refused is not kept waiting for more.
#pragma once

#include <memory>

#include "deliver/attempt.h"
#include "deliver/connection.h"
#include "deliver/recorder.h"
#include "deliver/sender.h"

namespace waypost::deliver {

class Worker {
public:
  static constexpr std::uint64_t kKeepMs = 5000;
  // Messages that make a connection worth its greeting, when another sender waits for its place.
  static constexpr std::uint32_t kYieldAfter = 10;
  static constexpr std::uint64_t kFarewellMs = 2000;

  explicit Worker(Sender& sender) : sender_(sender), woken_(sender.loop()) {}

  void start() {
    task_ = run();
    task_.start();
  }
  void wake() { woken_.raise(); }

private:
  net::Task<> run();
  net::Task<> rest();
  [[nodiscard]] bool must_yield();
  net::Task<> leave();
  void hang_up();
  void drop(); // without a farewell
  net::Task<> deliver(Work work);
  // Makes peer_ a server that is ready, or leaves the reason in `attempt`. False when none is left.
  net::Task<bool> connect(Attempt& attempt);
  void report(JobResult result);
  void take_verdicts(Attempt& attempt, const Verdicts& verdicts);
  void learn(const Verdicts& verdicts);
  void part(Attempt& attempt);
  [[nodiscard]] bool worn() const; // it has carried as many messages as it may

  Sender& sender_;
  net::Signal woken_;
  Recorder recorder_;
  std::unique_ptr<Connection> peer_;
  bool fruitful_ = false; // the last transaction delivered to somebody
  net::Task<> task_;      // last, so that it is dropped before what it uses
};

} // namespace waypost::deliver
