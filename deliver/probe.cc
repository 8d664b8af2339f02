#include "deliver/probe.h"

#include "deliver/attempt.h"
#include "deliver/own_addresses.h"
#include "deliver/policy.h"
#include "deliver/start.h"
#include "lib/mail/login.h"

namespace waypost::deliver {
namespace {

using net::Task;

// For the answer to QUIT: nothing depends on it.
constexpr std::uint64_t kFarewellMs = 5'000;

} // namespace

bool probe_logs_in(const Transport& transport, const ProbeWishes& wishes) {
  return logs_in(transport) && (wishes.auth || transport.type == TransportType::socks);
}

Probe::Probe(net::Loop& loop, const Settings& settings, const Transport& transport,
             ProbeWishes wishes, Fd scopes)
    : loop_(loop),
      settings_(settings),
      transport_(transport),
      way_(transport),
      wishes_(wishes),
      resolver_(loop, settings.resolvers) {
  if (scopes) scopes_.emplace(loop, std::move(scopes));
  if (probe_logs_in(transport, wishes)) return;
  way_.credential.clear();
  std::erase(way_.mechanisms, "EXTERNAL");
}

Result<net::TlsContext*> Probe::tls() {
  if (!tls_) {
    Result<std::unique_ptr<net::TlsContext>> opened = net::open_tls(trust_of(way_));
    if (!opened) return std::unexpected(opened.error());
    tls_ = std::move(*opened);
  }
  return tls_.get();
}

Result<> Probe::open_line() {
  if (!scopes_) return {};
  Result<Fd> line = scopes_->line_for(way_);
  if (!line) return std::unexpected(line.error());
  oracle_.emplace(loop_, std::move(*line));
  return {};
}

Task<ProbeFindings> Probe::run(std::string destination) {
  ProbeFindings found;
  found.transport = &transport_;
  found.destination = destination;
  found.auth = wishes_.auth;
  const Result<> line = open_line();
  if (!line) {
    found.hosts.outcome = own_trouble(line.error().text);
    co_return found;
  }
  const HostQuery query{settings_, way_, destination, own_addresses(settings_, way_)};
  found.hosts = co_await find_hosts(resolver_, query);
  const Job job; // for its order alone: that of a first attempt
  Attempt attempt(job);
  attempt.set_hosts(found.hosts, way_.family);
  const std::string domain = to_exchangers(way_) ? destination : "";
  OracleLine* const oracle = oracle_ ? &*oracle_ : nullptr;
  Greeter greeter(loop_, way_, *this, domain, oracle, recorder_, found.hosts.proxy);
  std::optional<HostAddress> to = attempt.next_host();
  while (to) {
    HostAddress host = *to;
    ProbeTry one = co_await try_one(greeter, std::move(host));
    const bool last = one.failure
                          ? one.failure->of_login || one.failure->fault == socks::Fault::proxy
                          : !wishes_.all;
    found.tries.push_back(std::move(one));
    to = last ? std::nullopt : attempt.next_host();
  }
  co_return found;
}

Task<ProbeTry> Probe::try_one(Greeter& greeter, HostAddress to) {
  ProbeTry found;
  found.host = to;
  recorder_.begin(loop_.now_ms(), false);
  Opened opened = co_await greeter.open(std::move(to), found.steps);
  if (opened) {
    Connection& peer = **opened;
    found.offered = peer.offered;
    found.tls = peer.tls();
    const std::string quit = "QUIT\r\n";
    const Result<Reply> farewell = co_await peer.ask(quit, kFarewellMs);
    static_cast<void>(farewell);
    peer.give_up();
  } else {
    found.failure = opened.error();
  }
  recorder_.ready();
  found.dialogue = recorder_.take();
  co_return found;
}

} // namespace waypost::deliver
