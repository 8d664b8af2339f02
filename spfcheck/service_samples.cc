#include "spfcheck/service_samples.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "spfcheck/check_host.h"
#include "spfcheck/published.h"

namespace waypost::spfcheck {
namespace {

constexpr int kMostRecords = 20;
constexpr int kMostExchangers = 10; // RFC 7208 4.6.4

net::IpAddress at_end(const Network& network, bool last) {
  std::array<std::uint8_t, 16> bytes = network.bytes;
  const std::size_t size = network.v6 ? 16 : 4;
  for (std::size_t i = 0; i < size; ++i) {
    const int kept = std::clamp(network.prefix - static_cast<int>(i) * 8, 0, 8);
    const auto host = static_cast<std::uint8_t>(0xFF >> kept);
    bytes[i] = static_cast<std::uint8_t>(last ? bytes[i] | host : bytes[i] & ~host);
  }
  return *net::IpAddress::from_bytes(std::span(bytes).first(size));
}

// Walks over the records below one mechanism.
class Walk {
public:
  explicit Walk(Resolver& resolver) : resolver_(resolver) {}

  net::Task<Samples> run(Record top) {
    co_await terms(std::move(top), "");
    for (int records = 0; !open_.empty(); ++records) {
      const std::string domain = open_.back();
      open_.pop_back();
      if (records >= kMostRecords) {
        samples_.complete = false;
        break;
      }
      co_await follow(domain);
    }
    co_return std::move(samples_);
  }

private:
  void add(const net::IpAddress& address) {
    auto& all = samples_.addresses;
    if (std::ranges::find(all, address) != all.end()) return;
    if (all.size() >= kMostSamples) {
      samples_.complete = false;
    } else {
      all.push_back(address);
    }
  }

  void unknown(const std::string& name, const net::DnsAnswer& answer) {
    if (samples_.unknown.empty()) samples_.unknown = name + ": " + answer.text;
  }

  // The domain that a term names; "" when that depends on the message.
  static std::string target(const MacroString& spec) {
    const bool macros =
        std::ranges::any_of(spec.parts, [](const auto& p) { return p.letter != 0; });
    return macros ? std::string() : ascii_lower(spec.text);
  }

  net::Task<> follow(std::string domain) {
    const PublishedSpf found = co_await published_spf(resolver_, domain);
    using enum PublishedSpf::State;
    if (found.state == later && samples_.unknown.empty()) samples_.unknown = found.why;
    if (found.record) {
      co_await terms(*found.record, domain);
      co_return;
    }
    if (found.state == later || !samples_.wrong.empty()) co_return;
    samples_.wrong =
        found.state == none ? domain + " has no SPF record" : domain + ": " + found.why;
  }

  net::Task<> terms(Record record, std::string domain) {
    for (const Mechanism& one : record.mechanisms) {
      if (one.kind == MechanismKind::all) co_return;
      // What does not pass there is none of its addresses.
      if (one.qualifier != Qualifier::pass) continue;
      co_await term(one, domain);
    }
    if (!record.redirect) co_return;
    const std::string name = target(record.redirect->value);
    if (name.empty()) samples_.complete = false;
    if (!name.empty()) open_.push_back(name);
  }

  net::Task<> term(const Mechanism& one, std::string domain) {
    if (one.kind == MechanismKind::ip4 || one.kind == MechanismKind::ip6) {
      add(at_end(one.network, false));
      add(at_end(one.network, true));
      co_return;
    }
    const std::string name = one.domain ? target(*one.domain) : domain;
    const bool asks = one.kind == MechanismKind::a || one.kind == MechanismKind::mx;
    if (name.empty() || (!asks && one.kind != MechanismKind::include)) {
      samples_.complete = false;
      co_return;
    }
    if (one.kind == MechanismKind::include) open_.push_back(name);
    if (one.kind == MechanismKind::a) co_await host(name, one.prefix4, one.prefix6);
    if (one.kind == MechanismKind::mx) co_await exchangers(name, one.prefix4, one.prefix6);
  }

  net::Task<> host(std::string name, int prefix4, int prefix6) {
    for (const net::DnsType type : {net::DnsType::a, net::DnsType::aaaa}) {
      const Question question{name, type};
      const net::DnsAnswer answer = co_await resolver_.resolve(question);
      if (no_answer(answer)) unknown(name, answer);
      for (const net::IpAddress& ip : answer.addresses) {
        const Network network = network_of(ip, ip.v6() ? prefix6 : prefix4);
        add(at_end(network, false));
        add(at_end(network, true));
      }
    }
  }

  net::Task<> exchangers(std::string name, int prefix4, int prefix6) {
    const Question question{name, net::DnsType::mx};
    const net::DnsAnswer answer = co_await resolver_.resolve(question);
    if (no_answer(answer)) unknown(name, answer);
    int count = 0;
    for (const net::MxHost& one : answer.mx) {
      if (++count > kMostExchangers) break;
      co_await host(one.host, prefix4, prefix6);
    }
  }

  Resolver& resolver_;
  Samples samples_;
  std::vector<std::string> open_;
};

// A range may have holes in it: what another term of the service's record refuses first.
net::Task<> keep_what_passes(Resolver& resolver, std::string service, Samples& samples) {
  std::vector<net::IpAddress> kept;
  for (const net::IpAddress& address : samples.addresses) {
    const Query query = mail_from_query(address, "postmaster@" + service, service);
    const CheckResult checked = co_await check_host(resolver, query);
    if (checked.result == SpfResult::pass) kept.push_back(address);
    if (checked.result == SpfResult::temperror && samples.unknown.empty())
      samples.unknown = checked.why;
  }
  samples.addresses = std::move(kept);
}

} // namespace

net::Task<Samples> sample_service(Resolver& resolver, std::string mechanism) {
  const auto record = parse_record("v=spf1 " + mechanism);
  if (!record) {
    Samples none;
    none.wrong = mechanism + " is no mechanism: " + record.error().text;
    co_return none;
  }
  Walk walk(resolver);
  Samples samples = co_await walk.run(*record);
  constexpr std::string_view kInclude = "include:";
  if (!mechanism.starts_with(kInclude)) co_return samples;
  const std::string service = mechanism.substr(kInclude.size());
  co_await keep_what_passes(resolver, service, samples);
  co_return samples;
}

} // namespace waypost::spfcheck
