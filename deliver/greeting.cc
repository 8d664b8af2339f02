#include "deliver/greeting.h"

#include "deliver/auth.h"
#include "deliver/policy.h"
#include "deliver/through_proxy.h"

namespace waypost::deliver {
namespace {

using net::IpAddress;
using net::Task;
using Failure = std::optional<HostFailure>;

Failure refused(Stage stage, const Reply& reply) {
  HostFailure failure;
  failure.outcome = host_refusal(stage, reply);
  if (reply.code < 400) {
    const std::string what = "unexpected " + reply.one_line();
    failure.outcome = stage == Stage::starttls ? tls_failure(what) : protocol_error(stage, what);
  }
  failure.replied = true;
  failure.of_tls = stage == Stage::starttls;
  return failure;
}

Failure silent(Stage stage, const Error& error) {
  HostFailure failure;
  failure.outcome = missing_reply(stage, error);
  failure.timed_out = error.code == ETIMEDOUT;
  return failure;
}

// There are proxies that say success before they have connected, and close when they cannot.
Failure no_banner(const Transport& transport, const Error& error) {
  Failure failure = silent(Stage::greeting, error);
  const bool closed = error.code != 0 && error.code != ETIMEDOUT;
  if (closed && transport.type == TransportType::socks) {
    failure->fault = socks::Fault::destination;
  }
  return failure;
}

Failure without_tls(const std::string& why) {
  HostFailure failure;
  failure.outcome = tls_failure(why);
  failure.of_tls = true;
  return failure;
}

} // namespace

Task<Opened> Greeter::open(HostAddress to, std::vector<std::string>& steps) {
  const TlsPolicy policy = transport_.tls;
  const bool wanted = policy != TlsPolicy::off;
  Opened first = co_await open_once(to, wanted);
  if (first || !first.error().of_tls || policy != TlsPolicy::opportunistic) co_return first;
  if (first.error().under_attack) co_return first;
  if (transport_.type == TransportType::submissions) co_return first;
  steps.push_back(describe(to) + ": " + first.error().outcome.reply +
                  "; connected again without TLS");
  recorder_.note(loop_.now_ms(), "once more without TLS");
  Opened second = co_await open_once(to, false);
  co_return second;
}

Result<Fd> socket_for(const Transport& transport, const IpAddress& address) {
  if (transport.source.empty()) return net::Socket::tcp(address.v6(), std::nullopt);
  for (const std::string& one : transport.source) {
    const auto source = IpAddress::parse(one);
    if (source && source->v6() == address.v6()) return net::Socket::tcp(address.v6(), source);
  }
  return fail("connect: no source address of this family");
}

Task<Opened> Greeter::connect(HostAddress to) {
  if (transport_.type == TransportType::socks) {
    Opened opened =
        co_await open_through_proxy(loop_, transport_, proxy_, std::move(to), oracle_, recorder_);
    co_return opened;
  }
  Result<Fd> fd = socket_for(transport_, to.address);
  if (!fd) co_return std::unexpected(HostFailure{connect_failure(fd.error().text)});
  const std::uint16_t port = to.port;
  auto peer = std::make_unique<Connection>(loop_, std::move(*fd), std::move(to), recorder_);
  const Result<> connected = co_await peer->connect(port, transport_.timeouts.connect_ms);
  if (!connected) {
    co_return std::unexpected(HostFailure{connect_failure(connected.error().text)});
  }
  co_return peer;
}

Task<Opened> Greeter::open_once(HostAddress to, bool with_tls) {
  Opened opened = co_await connect(std::move(to));
  if (!opened) co_return opened;
  std::unique_ptr<Connection> peer = std::move(*opened);
  Failure failure;
  if (transport_.type == TransportType::submissions) {
    failure = co_await greet_in_tls(*peer);
  } else {
    failure = co_await greet_in_clear(*peer, with_tls);
  }
  if (!failure) {
    failure = co_await log_in(*peer);
  }
  if (failure) {
    peer->quit();
    co_return std::unexpected(std::move(*failure));
  }
  co_return peer;
}

// RFC 8314 3.3: TLS is there before the banner, and nothing ever is in clear text.
Task<Failure> Greeter::greet_in_tls(Connection& peer) {
  Failure failure = co_await start_tls(peer);
  if (failure) co_return failure;
  failure = co_await banner(peer);
  if (failure) co_return failure;
  failure = co_await hello(peer);
  co_return failure;
}

Task<Failure> Greeter::greet_in_clear(Connection& peer, bool with_tls) {
  Failure failure = co_await banner(peer);
  if (failure) co_return failure;
  failure = co_await hello(peer);
  if (failure) co_return failure;
  const bool demanded =
      transport_.tls == TlsPolicy::required || transport_.tls == TlsPolicy::verified;
  if (!with_tls || (!demanded && !peer.offered.starttls)) co_return std::nullopt;
  failure = co_await ask_for_tls(peer);
  if (failure) co_return failure;
  // RFC 3207 4.2: what was learnt before is forgotten.
  failure = co_await hello(peer);
  if (!failure) co_return std::nullopt;
  // RFC 8446 4.4.2: a TLS 1.3 server refuses our certificate, or that we have none, only now.
  failure->of_tls = !failure->replied && !failure->timed_out;
  if (failure->of_tls) failure->outcome = tls_failure(failure->outcome.reply);
  co_return failure;
}

// Last, on what the server has offered within TLS. What is said of the login holds for all
// addresses of the host; a connection that was lost meanwhile, only for this one.
Task<Failure> Greeter::log_in(Connection& peer) {
  // The credential of a transport of type socks is for its proxy.
  if (!logs_in(transport_) || transport_.type == TransportType::socks) co_return std::nullopt;
  std::optional<Outcome> outcome;
  if (oracle_ == nullptr) {
    outcome = login_failure("this sender has no line to waypost-sasl");
  } else {
    Authentication authentication(peer, *oracle_, transport_.timeouts.command_ms);
    outcome = co_await authentication.run();
  }
  if (!outcome) co_return std::nullopt;
  HostFailure failure;
  failure.of_login = outcome->klass == FailureClass::auth;
  failure.replied = failure.of_login;
  failure.outcome = std::move(*outcome);
  co_return failure;
}

Task<Failure> Greeter::banner(Connection& peer) {
  // RFC 5321 4.5.3.2.1
  const Result<Reply> reply = co_await peer.reply(transport_.timeouts.greeting_ms);
  if (!reply) co_return no_banner(transport_, reply.error());
  if (reply->code == 220) co_return std::nullopt;
  Failure failure = refused(Stage::greeting, *reply);
  failure->never = reply->code == 521;
  co_return failure;
}

Task<Failure> Greeter::hello(Connection& peer) {
  peer.offered = {};
  const std::uint64_t wait = transport_.timeouts.command_ms;
  const std::string ehlo = "EHLO " + transport_.helo + "\r\n";
  Result<Reply> reply = co_await peer.ask(ehlo, wait);
  if (!reply) co_return silent(Stage::ehlo, reply.error());
  if (reply->positive()) {
    peer.offered = capabilities_of(*reply);
    co_return std::nullopt;
  }
  // RFC 5321 3.2: an old server does not know EHLO.
  const bool unknown = reply->code >= 500 && reply->code <= 504;
  if (!unknown) co_return refused(Stage::ehlo, *reply);
  const std::string helo = "HELO " + transport_.helo + "\r\n";
  reply = co_await peer.ask(helo, wait);
  if (!reply) co_return silent(Stage::ehlo, reply.error());
  if (!reply->positive()) co_return refused(Stage::ehlo, *reply);
  co_return std::nullopt;
}

Task<Failure> Greeter::ask_for_tls(Connection& peer) {
  const Result<net::TlsContext*> tls = tls_.tls();
  if (!tls) co_return without_tls(tls.error().text);
  const std::string command = "STARTTLS\r\n";
  const Result<Reply> reply = co_await peer.ask(command, transport_.timeouts.command_ms);
  if (!reply) {
    Failure failure = silent(Stage::starttls, reply.error());
    failure->of_tls = true;
    co_return failure;
  }
  if (reply->code != 220) co_return refused(Stage::starttls, *reply);
  Failure failure = co_await start_tls(peer);
  co_return failure;
}

// The handshake.
Task<Failure> Greeter::start_tls(Connection& peer) {
  const Result<net::TlsContext*> tls = tls_.tls();
  if (!tls) co_return without_tls(tls.error().text);
  const bool injected = peer.has_more();
  const Result<> done = co_await peer.start_tls(**tls, domain_, transport_.timeouts.command_ms);
  if (done) co_return std::nullopt;
  Failure failure = without_tls(done.error().text);
  failure->under_attack = injected;
  co_return failure;
}

} // namespace waypost::deliver
