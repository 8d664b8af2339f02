#include "deliver/login_trial.h"

#include "deliver/policy.h"
#include "deliver/start.h"
#include "deliver/through_proxy.h"

namespace waypost::deliver {
namespace {

using net::Task;

// RFC 6761 6.4: a name that no resolver finds.
constexpr const char* kNowhere = "login-test.invalid";

std::vector<std::string> texts_of(const HostList& hosts, bool proxy) {
  std::vector<std::string> texts;
  for (const net::IpAddress& one : hosts.proxy.addresses)
    texts.push_back(one.text());
  if (proxy) return texts;
  texts.clear();
  for (const HostAddress& one : hosts.addresses)
    texts.push_back(one.address.text());
  return texts;
}

} // namespace

LoginTrial::LoginTrial(net::Loop& loop, Fd scopes, const Snapshot& snapshot)
    : loop_(loop),
      scopes_(loop, std::move(scopes)),
      snapshot_(snapshot),
      resolver_(loop, snapshot.settings.resolvers) {}

Result<net::TlsContext*> LoginTrial::tls() {
  if (!tls_) {
    Result<std::unique_ptr<net::TlsContext>> opened = net::open_tls(trust_of(*transport_));
    if (!opened) return std::unexpected(opened.error());
    tls_ = std::move(*opened);
  }
  return tls_.get();
}

Task<std::vector<LoginFindings>> LoginTrial::run(std::vector<const Transport*> all) {
  std::vector<LoginFindings> found;
  for (const Transport* const one : all) {
    LoginFindings its = co_await run_one(*one);
    found.push_back(std::move(its));
  }
  co_return found;
}

Task<LoginFindings> LoginTrial::run_one(const Transport& transport) {
  LoginFindings found;
  found.transport = &transport;
  transport_ = &transport;
  tls_.reset();
  dialogue_.clear();
  Result<Fd> line = scopes_.line_for(transport);
  if (!line) {
    found.failure = own_trouble(line.error().text);
    co_return found;
  }
  OracleLine oracle(loop_, std::move(*line));
  const bool by_proxy = transport.type == TransportType::socks;
  const HostQuery query{snapshot_.settings, transport, kNowhere, {}};
  const HostList hosts = co_await find_hosts(resolver_, query);
  found.addresses = texts_of(hosts, by_proxy);
  if (by_proxy) {
    found.failure = co_await log_in_at_proxy(hosts.proxy, &oracle);
  } else {
    found.failure = co_await log_in(hosts, &oracle);
  }
  found.dialogue = std::move(dialogue_);
  co_return found;
}

// As an attempt goes through the addresses: what is said of a login holds for all of them.
Task<std::optional<Outcome>> LoginTrial::log_in(const HostList& hosts, OracleLine* oracle) {
  if (hosts.addresses.empty()) co_return hosts.outcome;
  std::optional<Outcome> failure;
  Greeter greeter(loop_, *transport_, *this, "", oracle, recorder_);
  for (const HostAddress& to : hosts.addresses) {
    std::vector<std::string> steps;
    recorder_.begin(loop_.now_ms(), false);
    HostAddress address = to;
    Opened opened = co_await greeter.open(std::move(address), steps);
    recorder_.ready();
    dialogue_ += recorder_.take();
    if (opened) {
      (*opened)->quit();
      co_return std::nullopt;
    }
    failure = opened.error().outcome;
    if (opened.error().of_login) break;
  }
  co_return failure;
}

// A proxy that says that there is no such host has taken the login before.
Task<std::optional<Outcome>> LoginTrial::log_in_at_proxy(const ProxyAddresses& proxy,
                                                         OracleLine* oracle) {
  HostAddress nowhere{kNowhere, {}, 0, transport_->port, true};
  recorder_.begin(loop_.now_ms(), false);
  const Opened opened =
      co_await open_through_proxy(loop_, *transport_, proxy, std::move(nowhere), oracle, recorder_);
  recorder_.ready();
  dialogue_ += recorder_.take();
  if (opened || opened.error().fault != socks::Fault::proxy) co_return std::nullopt;
  co_return opened.error().outcome;
}

} // namespace waypost::deliver
