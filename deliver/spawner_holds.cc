// Transports that are held as a whole: the spawner's part that hears of their proxies.

#include "deliver/own_addresses.h"
#include "deliver/sender_records.h"
#include "deliver/spawner.h"
#include "deliver/who_acts.h"
#include "lib/mail/sender_state.h"
#include "lib/sys/log.h"

namespace waypost::deliver {

const Outcome* Spawner::known_failure(const Key& key, std::uint64_t kick) const {
  const std::uint64_t now = loop_.now_ms();
  const Outcome* const held = holds_.known(key.first, now, kick);
  return held != nullptr ? held : failures_.known(key, now, kick);
}

// Before the results of the jobs that found it out.
bool Spawner::on_proxy_record(Link& link, const Record& record) {
  report_.changed();
  const std::optional<ProxyReport> report = proxy_report(record);
  const Transport* const transport = snapshot_.transport(link.transport);
  if (!report) return false;
  const Key key{link.transport, link.destination};
  const auto found = destinations_.find(key);
  const bool current = found != destinations_.end() && found->second.link.get() == &link;
  // One of an older configuration speaks of another proxy, perhaps.
  if (!current || transport == nullptr || transport->type != TransportType::socks) return true;
  switch (holds_.take(key, *report, loop_.now_ms())) {
  case TransportHolds::Change::none: return true;
  case TransportHolds::Change::held: log_held(*transport, link.destination); break;
  case TransportHolds::Change::held_again: break;
  case TransportHolds::Change::released:
    Log("transport_released").add("transport", link.transport).info();
    break;
  }
  feed_transport(key.first);
  return true;
}

std::optional<KnownFailures::Standing> Spawner::hold_of(const Transport& transport) const {
  return to_exchangers(transport) ? holds_.standing(transport.name)
                                  : failures_.of_transport(transport.name);
}

// The one line that a person needs: what is wrong, when it is tried again, and who must act.
void Spawner::log_held(const Transport& transport, const std::string& destination) const {
  const std::optional<KnownFailures::Standing> hold = hold_of(transport);
  if (!hold) return;
  const bool proxy = transport.type == TransportType::socks;
  const std::uint64_t now = loop_.now_ms();
  const std::uint64_t wait = hold->until_ms > now ? hold->until_ms - now : 0;
  Log line("transport_held");
  line.add("transport", transport.name);
  line.add(proxy ? "proxy" : "destination", proxy ? transport.proxy : destination);
  line.add("class", name(hold->why->klass)).add("reply", hold->why->reply);
  line.add("probe_in", std::to_string((wait + 999) / 1000) + "s");
  line.add("act", who_must_act(transport, *hold->why)).error();
}

std::vector<HeldTransport> Spawner::held_transports() {
  std::vector<HeldTransport> all;
  const std::uint64_t now = loop_.now_ms();
  const WallUs wall = RealClock().wall_us();
  for (const Transport& one : snapshot_.transports) {
    if (all.size() == kMostHeldTransports) break;
    const std::optional<KnownFailures::Standing> hold = hold_of(one);
    if (!hold) continue;
    HeldTransport held{one.name, hold->why->klass, hold->why->reply};
    held.since = wall_time_.of(hold->since_ms, now, wall);
    if (hold->until_ms > 0) held.probe = wall_time_.of(hold->until_ms, now, wall);
    held.act = who_must_act(one, *hold->why);
    all.push_back(std::move(held));
  }
  return all;
}

// The probe has ended without a word of the proxy: another may find out.
void Spawner::settle_probe(const Link& link) {
  const Key key{link.transport, link.destination};
  if (link.running() == 0 && holds_.probe_over(key)) feed_transport(key.first);
}

// What waits for the transport goes, or is answered with the failure by which it is held. The
// caller owns the name: the link that it stands in may go meanwhile.
void Spawner::feed_transport(const std::string& transport) {
  std::vector<Key> waiting;
  for (auto at = destinations_.lower_bound({transport, ""});
       at != destinations_.end() && at->first.first == transport; ++at) {
    if (!at->second.waiting.empty()) waiting.push_back(at->first);
  }
  for (const Key& key : waiting)
    feed(key);
}

} // namespace waypost::deliver
