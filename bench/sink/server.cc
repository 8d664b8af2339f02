#include "bench/sink/server.h"

#include <array>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace waypost::bench {

namespace {

constexpr std::string_view kGreeting = "220 sink.bench ESMTP\r\n";
constexpr std::int64_t kNsPerMs = 1'000'000;

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

} // namespace

Result<> Server::listen() {
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!listener_ || !epoll_) return fail_errno("socket");
  const int on = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return fail_errno("bind");
  if (::listen(listener_.get(), 1024) < 0) return fail_errno("listen");
  epoll_event readable{.events = EPOLLIN, .data = {.u64 = 0}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &readable) < 0)
    return fail_errno("epoll_ctl");
  return {};
}

Result<> Server::run() {
  std::array<epoll_event, 128> events{};
  for (;;) {
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), patience_ms());
    if (ready < 0 && errno != EINTR) return fail_errno("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == 0) {
        accept_all();
      } else {
        serve(number);
      }
    }
    send_due();
  }
}

void Server::accept_all() {
  for (;;) {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t number = next_++;
    epoll_event readable{.events = EPOLLIN, .data = {.u64 = number}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.get(), &readable) < 0) return;
    connections_.emplace(number, std::make_unique<Connection>(Link(std::move(socket)),
                                                              Session(options_.tls != nullptr)));
    ledger_.connections += 1;
    ledger_.open += 1;
    if (ledger_.open > ledger_.most_open) ledger_.most_open = ledger_.open;
    reply(number, std::string(kGreeting));
  }
}

void Server::serve(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found != connections_.end() && !take_input(number, *found->second)) drop(number);
}

bool Server::take_input(std::uint64_t number, Connection& connection) {
  static std::array<char, 65536> buffer;
  const ssize_t got = connection.link.read(buffer);
  if (connection.link.handshake_done()) ledger_.handshakes += 1;
  if (got == Link::kAgain) return true;
  if (got <= 0) return false;
  ledger_.bytes += static_cast<std::uint64_t>(got);
  std::string replies;
  count(connection.session.feed({buffer.data(), static_cast<std::size_t>(got)}, replies));
  if (!replies.empty()) reply(number, std::move(replies));
  return true;
}

void Server::count(std::size_t messages) {
  if (messages == 0) return;
  const auto now = static_cast<std::uint64_t>(monotonic_ns());
  if (ledger_.messages == 0) ledger_.first_ns = now;
  ledger_.last_ns = now;
  ledger_.messages += messages;
}

void Server::reply(std::uint64_t number, std::string bytes) {
  if (options_.delay.count() == 0) return send(number, bytes);
  waiting_.push_back(
      {monotonic_ns() + options_.delay.count() * kNsPerMs, number, std::move(bytes)});
}

void Server::send_due() {
  while (!waiting_.empty() && waiting_.front().due_ns <= monotonic_ns()) {
    send(waiting_.front().connection, waiting_.front().bytes);
    waiting_.pop_front();
  }
}

void Server::send(std::uint64_t number, std::string_view bytes) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return; // it went while its reply waited
  Connection& connection = *found->second;
  if (!connection.link.write(bytes)) return drop(number);
  if (connection.session.wants_tls()) {
    connection.link.start_tls(*options_.tls);
    connection.session.secured();
  }
}

void Server::drop(std::uint64_t number) {
  connections_.erase(number);
  ledger_.open -= 1;
}

int Server::patience_ms() const {
  if (waiting_.empty()) return -1;
  const std::int64_t left = waiting_.front().due_ns - monotonic_ns();
  return left <= 0 ? 0 : static_cast<int>((left + kNsPerMs - 1) / kNsPerMs);
}

} // namespace waypost::bench
