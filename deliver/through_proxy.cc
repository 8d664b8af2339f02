#include "deliver/through_proxy.h"

#include <algorithm>
#include <array>

#include "deliver/policy.h"
#include "deliver/proxy_login.h"

namespace waypost::deliver {
namespace {

using net::Task;
using Failure = std::optional<HostFailure>;

HostFailure failure_of(const Transport& transport, const socks::Failure& why) {
  HostFailure failure;
  failure.outcome = why.fault == socks::Fault::proxy
                        ? proxy_failure(transport.proxy, why.text, why.of_login)
                        : not_reached_by_proxy(transport.proxy, why.text);
  failure.fault = why.fault;
  return failure;
}

HostFailure unreachable(const Transport& transport, const std::string& why) {
  return failure_of(transport,
                    {socks::Fault::proxy, "the proxy cannot be reached: " + why, false, false});
}

HostFailure no_login(const Transport& transport, const std::string& why) {
  return failure_of(transport,
                    {socks::Fault::proxy, "no login for the proxy: " + why, true, false});
}

// What was read is the negotiation's: never more than it wants.
Task<Result<>> read_some(Connection& peer, socks::Negotiation& negotiation,
                         net::Deadline deadline) {
  std::array<char, 512> block;
  const std::size_t most = std::min(block.size(), negotiation.wanted());
  const std::span<char> space(block.data(), most);
  const Result<std::size_t> got = co_await peer.stream().read_some(space, deadline);
  if (!got) co_return std::unexpected(got.error());
  if (*got == 0) co_return fail("connection closed");
  negotiation.take(std::string_view(block.data(), *got));
  co_return Result<>();
}

Task<Failure> negotiate(net::Loop& loop, Connection& peer, const Transport& transport,
                        std::optional<socks::Login> login) {
  const HostAddress& to = peer.to();
  const Result<socks::Endpoint> host = socks::endpoint(to.where(), to.port);
  if (!host) {
    co_return failure_of(transport, {socks::Fault::destination, host.error().text, false, true});
  }
  socks::Negotiation negotiation(*host, std::move(login));
  net::Deadline deadline = loop.in(transport.timeouts.connect_ms);
  bool asked = false;
  while (negotiation.wanted() > 0) {
    if (!asked && negotiation.asked()) deadline = loop.in(transport.timeouts.connect_ms);
    asked = negotiation.asked();
    const std::string out = negotiation.outgoing();
    Result<> done = co_await peer.stream().write_all(out, deadline);
    if (done) {
      done = co_await read_some(peer, negotiation, deadline);
    }
    if (!done) negotiation.ended(done.error().text);
  }
  if (negotiation.failure()) co_return failure_of(transport, *negotiation.failure());
  co_return std::nullopt;
}

} // namespace

Task<Opened> open_through_proxy(net::Loop& loop, const Transport& transport,
                                const ProxyAddresses& proxy, HostAddress to, OracleLine* oracle,
                                Recorder& recorder) {
  recorder.opens();
  if (proxy.outcome) {
    HostFailure failure;
    failure.outcome = *proxy.outcome;
    failure.fault = socks::Fault::proxy;
    co_return std::unexpected(std::move(failure));
  }
  std::optional<socks::Login> login;
  if (!transport.credential.empty()) {
    Result<socks::Login> found = co_await ask_for_proxy_login(oracle);
    if (!found) co_return std::unexpected(no_login(transport, found.error().text));
    login = std::move(*found);
  }
  std::string why = "it has no address";
  for (const net::IpAddress& address : proxy.addresses) {
    Result<Fd> fd = socket_for(transport, address);
    if (!fd) {
      why = fd.error().text;
      continue;
    }
    auto peer = std::make_unique<Connection>(loop, std::move(*fd), to, recorder);
    const net::Deadline deadline = loop.in(transport.timeouts.connect_ms);
    const Result<> connected = co_await peer->stream().connect(address, proxy.port, deadline);
    if (!connected) {
      why = connected.error().text;
      recorder.note(loop.now_ms(), "proxy [" + address.text() + "]: " + why);
      continue;
    }
    recorder.note(loop.now_ms(), "connected to proxy [" + address.text() + "]");
    Failure failure = co_await negotiate(loop, *peer, transport, login);
    recorder.note(loop.now_ms(), failure ? failure->outcome.reply : "by it to " + describe(to));
    if (failure) co_return std::unexpected(std::move(*failure));
    co_return peer;
  }
  co_return std::unexpected(unreachable(transport, why));
}

} // namespace waypost::deliver
