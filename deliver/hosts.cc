#include "deliver/hosts.h"

#include <algorithm>
#include <map>

#include "deliver/mx.h"
#include "deliver/own_addresses.h"
#include "deliver/policy.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

using net::DnsAnswer;
using net::DnsStatus;
using net::DnsType;
using net::IpAddress;
using net::Lookup;
using net::MxHost;
using net::Resolver;
using net::Task;

// The addresses of one host: two lookups that run side by side, or one.
struct AddressLookups {
  std::optional<Lookup> six;
  std::optional<Lookup> four;
};

struct FoundAddresses {
  std::vector<IpAddress> addresses;
  DnsAnswer worst; // of the lookups, when there is no address
  std::uint32_t ttl = UINT32_MAX;
  bool ruled_out = false; // there are addresses, but only of a family that the transport excludes
};

AddressLookups start_lookups(Resolver& resolver, const std::string& host, FamilyPolicy family) {
  AddressLookups both;
  if (family != FamilyPolicy::ipv4) both.six = resolver.start(host, DnsType::aaaa);
  if (family != FamilyPolicy::ipv6) both.four = resolver.start(host, DnsType::a);
  return both;
}

bool temporary(DnsStatus status) {
  return status == DnsStatus::failed || status == DnsStatus::timed_out;
}

void take_answer(FoundAddresses& found, DnsAnswer answer) {
  found.addresses.insert(found.addresses.end(), answer.addresses.begin(), answer.addresses.end());
  if (answer.status == DnsStatus::found) found.ttl = std::min(found.ttl, answer.ttl);
  const bool worse = temporary(answer.status) || answer.status == DnsStatus::no_name;
  if (worse && !temporary(found.worst.status)) found.worst = std::move(answer);
}

Task<FoundAddresses> finish_lookups(Resolver& resolver, AddressLookups started) {
  FoundAddresses found;
  found.worst.status = DnsStatus::no_data;
  found.worst.text = "no address";
  if (started.six) {
    DnsAnswer answer = co_await resolver.finish(std::move(*started.six));
    take_answer(found, std::move(answer));
  }
  if (started.four) {
    DnsAnswer answer = co_await resolver.finish(std::move(*started.four));
    take_answer(found, std::move(answer));
  }
  co_return found;
}

// "10.9.0.1:1080", "proxy.example.org:1080", "[2001:db8::1]:1080", as the configuration checked it.
struct ProxyName {
  std::string host;
  std::uint16_t port = 0;
};

ProxyName proxy_name(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port =
      colon == std::string_view::npos ? 0 : parse_number(text.substr(colon + 1), 65535);
  return {std::string(host), static_cast<std::uint16_t>(port.value_or(0))};
}

// Whether a host without an address of the transport's one family has some of the other: then it is
// our configuration that keeps mail from it.
Task<bool> has_other_family(Resolver& resolver, std::string host, FamilyPolicy only) {
  const DnsType other = only == FamilyPolicy::ipv4 ? DnsType::aaaa : DnsType::a;
  Lookup asked = resolver.start(host, other);
  const DnsAnswer answer = co_await resolver.finish(std::move(asked));
  co_return answer.status == DnsStatus::found;
}

class HostSearch {
public:
  HostSearch(Resolver& resolver, const HostQuery& query)
      : resolver_(resolver),
        query_(query),
        random_(host_lottery()),
        own_(query.transport.type == TransportType::socks ? "an address of the proxy itself"
                                                          : "an address of this machine") {}

  Task<HostList> run() {
    if (to_exchangers(query_.transport)) {
      co_await find_direct();
    } else {
      co_await find_smarthost();
    }
    if (query_.transport.type == TransportType::socks) {
      co_await find_proxy();
    }
    if (list_.addresses.empty() && !list_.outcome) list_.outcome = nothing_left();
    list_.ttl_s = std::clamp(list_.ttl_s, std::uint32_t{5}, std::uint32_t{300});
    co_return std::move(list_);
  }

private:
  void take_literal(const std::string& domain) {
    const auto literal = IpAddress::from_literal(domain);
    if (!literal) {
      list_.outcome = bad_destination(domain, false);
    } else if (query_.transport.family ==
               (literal->v6() ? FamilyPolicy::ipv4 : FamilyPolicy::ipv6)) {
      list_.outcome = ruled_out(domain);
    } else {
      add(domain, *literal, 0);
    }
  }

  Task<FoundAddresses> addresses_of(std::string host, AddressLookups started, FamilyPolicy family) {
    FoundAddresses found = co_await finish_lookups(resolver_, std::move(started));
    const bool one = family == FamilyPolicy::ipv4 || family == FamilyPolicy::ipv6;
    if (one && found.addresses.empty() && found.worst.status == DnsStatus::no_data) {
      const bool other = co_await has_other_family(resolver_, std::move(host), family);
      found.ruled_out = other;
    }
    co_return found;
  }

  Task<> find_direct() {
    const std::string& domain = query_.destination;
    if (domain.starts_with('[')) {
      take_literal(domain);
      co_return;
    }
    Lookup asked = resolver_.start(domain, DnsType::mx);
    const DnsAnswer answer = co_await resolver_.finish(std::move(asked));
    if (answer.status == DnsStatus::no_data) {
      std::string host = answer.canonical;
      co_await find_without_mx(std::move(host));
    } else if (answer.status != DnsStatus::found) {
      list_.outcome = lookup_failure(domain, answer, false);
    } else if (is_null_mx(answer.mx)) {
      list_.outcome = null_mx(domain);
    } else {
      list_.ttl_s = std::min(list_.ttl_s, answer.ttl);
      co_await find_mx_addresses(answer.mx);
    }
  }

  // RFC 5321 5.1: no MX, so the domain is its own mail host.
  Task<> find_without_mx(std::string host) {
    if (by_proxy()) {
      add_name(query_.destination, 0);
      co_return;
    }
    AddressLookups started = start_lookups(resolver_, host, query_.transport.family);
    const FoundAddresses found =
        co_await addresses_of(host, std::move(started), query_.transport.family);
    if (found.ruled_out) {
      list_.outcome = ruled_out(query_.destination);
    } else if (found.addresses.empty()) {
      list_.outcome = lookup_failure(query_.destination, found.worst, false);
    }
    for (const IpAddress& address : found.addresses)
      add(query_.destination, address, 0);
    list_.ttl_s = std::min(list_.ttl_s, found.ttl);
  }

  Task<> find_mx_addresses(std::vector<MxHost> mx) {
    mx = sorted_mx(std::move(mx), kMostMxHosts, random_);
    std::vector<AddressLookups> started;
    std::map<std::string, FoundAddresses> found;
    for (const MxHost& one : mx) {
      if (by_proxy()) {
        found.emplace(one.host, FoundAddresses());
      } else {
        started.push_back(start_lookups(resolver_, one.host, query_.transport.family));
      }
    }
    for (std::size_t i = 0; i < started.size(); ++i) {
      AddressLookups lookups = std::move(started[i]);
      std::string host = mx[i].host;
      FoundAddresses addresses =
          co_await addresses_of(std::move(host), std::move(lookups), query_.transport.family);
      found.emplace(mx[i].host, std::move(addresses));
    }
    take_mx(std::move(mx), found);
  }

  void take_mx(std::vector<MxHost> mx, const std::map<std::string, FoundAddresses>& found) {
    const std::size_t all = mx.size();
    const auto ours = own_preference(mx, found);
    if (ours) drop_from(mx, *ours);
    if (mx.empty() && all > 0) {
      list_.outcome = loops_back(query_.destination);
      return;
    }
    bool unknown = false;
    bool excluded = false;
    for (const MxHost& one : mx) {
      if (by_proxy()) {
        add_name(one.host, one.preference);
        continue;
      }
      const FoundAddresses& its = found.at(one.host);
      list_.ttl_s = std::min(list_.ttl_s, its.ttl);
      if (its.addresses.empty()) {
        unknown = unknown || temporary(its.worst.status);
        excluded = excluded || its.ruled_out;
        list_.steps.push_back(one.host + ": " +
                              (its.ruled_out ? ruled_out(one.host).reply : its.worst.text));
      }
      for (const IpAddress& address : its.addresses)
        add(one.host, address, one.preference);
    }
    // Never the domain's own address here (RFC 5321 5.1).
    if (list_.addresses.empty() && excluded) {
      list_.outcome = ruled_out(query_.destination);
    } else if (list_.addresses.empty() && (unknown || !refused_local_)) {
      list_.outcome = no_mx_address(query_.destination, unknown);
    }
  }

  [[nodiscard]] std::optional<std::uint16_t>
  own_preference(const std::vector<MxHost>& mx,
                 const std::map<std::string, FoundAddresses>& found) const {
    for (const MxHost& one : mx) { // the best comes first
      const bool named = equal_ignoring_case(one.host, query_.settings.hostname) ||
                         equal_ignoring_case(one.host, query_.transport.helo);
      const bool reached = std::ranges::any_of(
          found.at(one.host).addresses, [&](const IpAddress& address) { return own(address); });
      if (named || reached) return one.preference;
    }
    return std::nullopt;
  }

  // The smarthost is what the configuration says, on this machine too.
  Task<> find_smarthost() {
    const std::string& host = query_.transport.host;
    const FoundAddresses found = co_await find_configured(host, query_.transport.family);
    if (found.addresses.empty()) list_.outcome = lookup_failure(host, found.worst, true);
    if (found.ruled_out) list_.outcome = ruled_out(host);
    for (const IpAddress& address : found.addresses)
      add_smarthost(address);
    list_.ttl_s = std::min(list_.ttl_s, found.ttl);
  }

  // `family` is about the mail exchangers; the proxy is what the configuration says.
  Task<> find_proxy() {
    const ProxyName name = proxy_name(query_.transport.proxy);
    const FoundAddresses found = co_await find_configured(name.host, FamilyPolicy::any);
    list_.proxy.addresses = found.addresses;
    list_.proxy.port = name.port;
    if (found.addresses.empty()) {
      list_.proxy.outcome = proxy_lookup_failure(query_.transport.proxy, found.worst);
    }
    list_.ttl_s = std::min(list_.ttl_s, found.ttl);
  }

  // A host that the configuration names: an address, or out of /etc/hosts, or else the DNS.
  Task<FoundAddresses> find_configured(std::string host, FamilyPolicy family) {
    FoundAddresses found;
    const auto literal =
        host.starts_with('[') ? IpAddress::from_literal(host) : IpAddress::parse(host);
    if (literal) {
      found.addresses.push_back(*literal);
      co_return found;
    }
    for (const IpAddress& address : net::addresses_in_hosts_file(query_.hosts_file, host)) {
      const FamilyPolicy other = address.v6() ? FamilyPolicy::ipv4 : FamilyPolicy::ipv6;
      if (family != other) found.addresses.push_back(address);
    }
    if (!found.addresses.empty()) co_return found;
    AddressLookups started = start_lookups(resolver_, host, family);
    found = co_await addresses_of(host, std::move(started), family);
    co_return found;
  }

  [[nodiscard]] bool by_proxy() const { return query_.transport.resolve_by_proxy; }

  void add_smarthost(const IpAddress& address) {
    if (list_.addresses.size() >= kMostAddresses) return;
    list_.addresses.push_back({query_.transport.host, address, 0, query_.transport.port});
  }

  [[nodiscard]] bool own(const IpAddress& address) const {
    return !query_.transport.local_hosts &&
           std::ranges::find(query_.own, address) != query_.own.end();
  }

  void add(const std::string& host, const IpAddress& address, std::uint32_t preference) {
    const HostAddress one{host, address, preference, query_.transport.port};
    const bool local = !query_.transport.local_hosts && (address.local() || own(address));
    if (local || address.unusable()) {
      refused_local_ = true;
      list_.steps.push_back(describe(one) + ": not connected to, " +
                            (local ? own_ : "no address of a host"));
    } else if (list_.addresses.size() < kMostAddresses) {
      list_.addresses.push_back(one);
    }
  }

  void add_name(const std::string& host, std::uint32_t preference) {
    const HostAddress one{host, {}, preference, query_.transport.port, true};
    if (!query_.transport.local_hosts && names_no_remote_host(host)) {
      refused_local_ = true;
      list_.steps.push_back(describe(one) + ": not connected to, " + own_);
    } else if (list_.addresses.size() < kMostAddresses) {
      list_.addresses.push_back(one);
    }
  }

  [[nodiscard]] Outcome ruled_out(const std::string& host) const {
    const bool four = query_.transport.family == FamilyPolicy::ipv4;
    return family_rules_out(host, query_.transport.name, four);
  }
  [[nodiscard]] Outcome nothing_left() const { return loops_back(query_.destination); }

  Resolver& resolver_;
  const HostQuery& query_;
  std::minstd_rand random_;
  const char* own_; // what such an address is
  HostList list_;
  bool refused_local_ = false;
};

} // namespace

Task<HostList> find_hosts(Resolver& resolver, const HostQuery& query) {
  HostSearch search(resolver, query);
  HostList list = co_await search.run();
  co_return list;
}

} // namespace waypost::deliver
