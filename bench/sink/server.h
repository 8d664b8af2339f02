// Server: all connections of the sink in one epoll loop, with a ledger of what arrived.
//
// It listens on every loopback address, so that 500 next hops are 500 addresses. With a delay every
// reply leaves that much later than it could: a slow destination, whose connections wait without
// costing the sink anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "bench/sink/ledger.h"
#include "bench/sink/link.h"
#include "bench/sink/session.h"
#include "lib/sys/error.h"

namespace waypost::bench {

struct SinkOptions {
  std::uint16_t port = 0;
  std::chrono::milliseconds delay{0};
  SSL_CTX* tls = nullptr; // STARTTLS is offered when set
};

class Server {
public:
  Server(const SinkOptions& options, Ledger& ledger) : options_(options), ledger_(ledger) {}

  Result<> listen();
  // Serves until a signal ends the process or the loop itself fails.
  Result<> run();

private:
  struct Connection {
    Link link;
    Session session;
  };
  struct Reply {
    std::int64_t due_ns;
    std::uint64_t connection;
    std::string bytes;
  };

  void accept_all();
  void serve(std::uint64_t number);
  [[nodiscard]] bool take_input(std::uint64_t number, Connection& connection);
  void count(std::size_t messages);
  void reply(std::uint64_t number, std::string bytes);
  void send_due();
  void send(std::uint64_t number, std::string_view bytes);
  void drop(std::uint64_t number);
  [[nodiscard]] int patience_ms() const;

  SinkOptions options_;
  Ledger& ledger_;
  Fd listener_;
  Fd epoll_;
  std::uint64_t next_ = 1; // 0 is the listener
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::deque<Reply>
      waiting_; // the delay is the same for all, so the order of arrival is the order of leaving
};

} // namespace waypost::bench
