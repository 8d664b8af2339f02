// Resolver: MX, A and AAAA records over c-ares, on a loop.
//
// Costs nothing before its first lookup: c-ares is initialised then. Each query has a random id
// (RFC 5452), goes to the servers in turn (5 s, then 10 s), and again over TCP when the answer was
// cut, without EDNS when a server does not know it; an answer that does not fit the query in
// address, port, id and question is passed over. Sockets, and with them source ports, are new
// whenever nothing was under way. CNAMEs are followed, at most 16 in all and for at most 60 s. A
// Lookup starts at once, so that several run side by side; it lives no longer than its Resolver.
#pragma once

#include <coroutine>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/dns_message.h"
#include "lib/net/loop.h"
#include "lib/net/task.h"

struct ares_channeldata;

namespace waypost::net {

// One query under way. Dropping it forgets the answer.
class Lookup {
public:
  struct State {
    std::string name;
    DnsType type = DnsType::a;
    bool edns = true;
    bool done = false;
    DnsAnswer answer;
    std::coroutine_handle<> waiter;
  };

  explicit Lookup(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Lookup(Lookup&&) = default;
  Lookup& operator=(Lookup&&) = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (state_) state_->waiter = {};
  }

  struct Awaiter {
    State* state;
    [[nodiscard]] bool await_ready() const noexcept { return state->done; }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept { state->waiter = waiter; }
    [[nodiscard]] DnsAnswer await_resume() const { return std::move(state->answer); }
  };
  [[nodiscard]] const std::string& name() const { return state_->name; }
  [[nodiscard]] DnsType type() const { return state_->type; }
  [[nodiscard]] bool edns() const { return state_->edns; }
  Awaiter operator co_await() const noexcept { return Awaiter{state_.get()}; }

private:
  std::shared_ptr<State> state_;
};

class Resolver {
public:
  static constexpr std::uint64_t kFirstWaitMs = 5'000;
  static constexpr std::uint64_t kMostMs = 60'000;

  // `servers`: "127.0.0.53", "127.0.0.1:5300", "[::1]:5300"; none: those of /etc/resolv.conf.
  // `first_wait_ms`: for each server in the first round; twice that in the second.
  Resolver(Loop& loop, std::vector<std::string> servers,
           std::uint64_t first_wait_ms = kFirstWaitMs);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  [[nodiscard]] Lookup start(const std::string& name, DnsType type);
  // Awaits a started lookup and asks on where its CNAMEs lead to another name.
  [[nodiscard]] Task<DnsAnswer> finish(Lookup lookup);

private:
  struct Arrival;
  Result<> open();
  void arm_timer();
  void wake();
  void watch(int fd, bool readable, bool writable);
  static void on_socket(void* self, int fd, int readable, int writable);
  static void on_answer(void* arrival, int status, int timeouts, unsigned char* bytes, int length);
  static void on_poll(uv_poll_t* poll, int status, int events);

  Loop& loop_;
  std::vector<std::string> servers_;
  std::uint64_t first_wait_ms_;
  bool edns_ = true; // until a server did not understand it
  ares_channeldata* channel_ = nullptr;
  std::map<int, uv_poll_t*> polls_; // by socket; freed by uv_close
  uv_timer_t* timer_ = nullptr;     // freed by uv_close
  std::vector<std::shared_ptr<Lookup::State>> answered_;
};

} // namespace waypost::net
