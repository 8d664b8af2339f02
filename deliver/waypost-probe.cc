// waypost-probe: goes the way that mail would go, up to where a message would come, and tells step
// by step what it found, what that means, and what can be done. waypost-probe(1).
//
// Privilege: its caller's, confined as a sender is. Where a login is wanted it starts an oracle of
// its own, for which it needs root, or a home of the caller's; as root it becomes waysend.

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <unistd.h>

#include "deliver/confinement.h"
#include "deliver/own_addresses.h"
#include "deliver/own_oracle.h"
#include "deliver/probe_report.h"
#include "lib/mail/idna.h"
#include "lib/net/ip.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/output.h"
#include "lib/sys/text.h"

namespace {

using namespace waypost;
using namespace waypost::deliver;

constexpr int kPermanent = 100;
constexpr int kTemporary = 111;
constexpr const char* kUsage = "usage: waypost probe [--transport NAME] [--all] [--auth] "
                               "[--dialogue] [--json] [DOMAIN | HOST]\n"
                               "       waypost probe --help\n";

struct Wanted {
  ProbeWishes probe;
  bool json = false;
  bool dialogue = false;
  bool help = false;
  std::string transport;
  std::string destination;
};

int refuse(int status, const std::string& text) {
  std::fprintf(stderr, "waypost-probe: %s\n", printable(text).c_str());
  return status;
}

Result<Wanted> parse(std::span<char* const> words) {
  Wanted wanted;
  for (; !words.empty(); words = words.subspan(1)) {
    const std::string_view word = words.front();
    if (word == "--json") {
      wanted.json = true;
    } else if (word == "--all") {
      wanted.probe.all = true;
    } else if (word == "--auth") {
      wanted.probe.auth = true;
    } else if (word == "--dialogue") {
      wanted.dialogue = true;
    } else if (word == "--help") {
      wanted.help = true;
    } else if (word == "--transport" && words.size() > 1) {
      words = words.subspan(1);
      wanted.transport = words.front();
    } else if (word.starts_with("--transport=")) {
      wanted.transport = word.substr(word.find('=') + 1);
    } else if (word.starts_with("-") || word.empty() || !wanted.destination.empty()) {
      return fail(word == "--transport" ? "--transport takes the name of a transport"
                                        : "what is meant by " + printable(word) + "?");
    } else {
      wanted.destination = word;
    }
  }
  if (wanted.destination.empty() && wanted.transport.empty() && !wanted.help)
    return fail("a domain, a host, or --transport is wanted");
  return wanted;
}

// "192.0.2.1" is the literal "[192.0.2.1]"; of an address "bob@example.org" the domain is meant.
Result<std::string> destination_of(std::string text) {
  text = text.substr(text.rfind('@') + 1);
  const auto address = net::IpAddress::parse(text);
  if (address) return (address->v6() ? "[IPv6:" : "[") + text + "]";
  if (text.starts_with('[') && net::IpAddress::from_literal(text)) return text;
  auto domain = normal_domain(text);
  if (!domain) return fail(text + " is no domain and no address");
  return std::string(*domain);
}

// What is compiled; without a configuration what holds then.
Result<Snapshot> configuration(const Home& home) {
  if (::access(home.snapshot().c_str(), F_OK) == 0) return read_snapshot(home.snapshot());
  Snapshot snapshot;
  snapshot.settings = default_settings();
  Transport direct;
  direct.name = "direct";
  direct.helo = snapshot.settings.hostname;
  snapshot.transports.push_back(std::move(direct));
  return snapshot;
}

// The oracle's socket, where a login is wanted; then we are a sender, as far as we may choose.
Result<std::optional<OwnOracle>> start_oracle(const Home& home, bool wanted) {
  std::optional<OwnOracle> started;
  if (wanted) {
    Result<OwnOracle> oracle = OwnOracle::start_for(home);
    if (!oracle) return fail("a login is made by the sealed store: " + oracle.error().text);
    started = std::move(*oracle);
  }
  if (home.personal || ::geteuid() != 0) return started;
  const Result<Identity> send = system_user("waysend");
  if (!send && !wanted) return started; // nothing is installed
  const Result<> became = send ? become(*send) : std::unexpected(send.error());
  if (!became) return std::unexpected(became.error());
  return started;
}

net::Task<> look(Probe& probe, std::string destination, net::Loop& loop, ProbeFindings& found) {
  found = co_await probe.run(std::move(destination));
  loop.stop();
}

// The transport that is meant; an error when it goes nowhere, or not to what was named.
Result<const Transport*> transport_of(const Snapshot& snapshot, const Wanted& wanted) {
  const std::string name = wanted.transport.empty() ? "direct" : wanted.transport;
  const Transport* const transport = snapshot.transport(name);
  if (transport == nullptr)
    return fail("there is no transport " + name + " in " + snapshot.settings.source);
  if (transport->type == TransportType::fail)
    return fail("transport " + name + " refuses mail, it goes nowhere");
  if (is_local(transport->type))
    return fail("transport " + name + " delivers on this machine, no server is asked");
  const bool many = to_exchangers(*transport);
  if (many != wanted.destination.empty()) return transport;
  return fail("transport " + name +
              (many ? " goes to the hosts of a domain: say which"
                    : " goes to one host, which its configuration names"));
}

ProbeFindings probe(const Settings& settings, const Transport& transport, const Wanted& wanted,
                    const std::string& destination, Fd scopes) {
  net::Loop loop;
  ProbeFindings found;
  Probe one(loop, settings, transport, wanted.probe, std::move(scopes));
  net::Task<> all = look(one, destination, loop, found);
  all.start();
  if (!all.done()) loop.run();
  return found;
}

int run(const Wanted& wanted) {
  const Home home = find_home();
  const Result<Snapshot> snapshot = configuration(home);
  if (!snapshot) return refuse(kTemporary, snapshot.error().text);
  const Result<const Transport*> transport = transport_of(*snapshot, wanted);
  if (!transport) return refuse(kPermanent, transport.error().text);
  const Result<std::string> destination =
      wanted.destination.empty() ? Result<std::string>("") : destination_of(wanted.destination);
  if (!destination) return refuse(kPermanent, destination.error().text);
  Result<std::optional<OwnOracle>> oracle =
      start_oracle(home, probe_logs_in(**transport, wanted.probe));
  if (!oracle) return refuse(kPermanent, oracle.error().text);
  confine(promises_of_trial({*transport}), kTemporary);
  Fd scopes = *oracle ? (*oracle)->take_scopes() : Fd();
  const ProbeFindings found =
      probe(snapshot->settings, **transport, wanted, *destination, std::move(scopes));
  const std::string text =
      wanted.json ? probe_json(found) + "\n" : probe_text(found, wanted.dialogue);
  std::fputs(text.c_str(), stdout);
  return output_written("waypost-probe") ? probe_status(found) : kTemporary;
}

} // namespace

int main(int count, char** values) {
  if (!forbid_inspection()) return kTemporary;
  set_log_program("waypost-probe");
  const std::span<char* const> words(values, static_cast<std::size_t>(count));
  const Result<Wanted> wanted = parse(words.subspan(words.empty() ? 0 : 1));
  if (wanted && wanted->help) {
    std::fputs(kUsage, stdout);
    return output_written("waypost-probe") ? 0 : kTemporary;
  }
  if (wanted) return run(*wanted);
  std::fputs(kUsage, stderr);
  return refuse(kPermanent, wanted.error().text);
}
