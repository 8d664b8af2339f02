// Which senders live: the spawner's part that starts, evicts and ends them.

#include <algorithm>
#include <sys/socket.h>
#include <utility>

#include "deliver/spawner.h"
#include "deliver/start.h"
#include "lib/mail/login.h"
#include "lib/mail/sender_state.h"
#include "lib/sys/log.h"

namespace waypost::deliver {

// Starts the destination's sender. False when it must wait for another one to end.
bool Spawner::start(const Key& key) {
  const Standing standing = standing_of(key);
  if (!roster_.room(standing) && !make_room(standing)) return false;
  const Transport* const transport = snapshot_.transport(key.first);
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
    Log("no_socketpair").add("errno", errno).error();
    return false;
  }
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  Start what;
  what.destination = key.second;
  what.proven = standing == Standing::proven;
  what.failing = standing == Standing::failing;
  what.settings = snapshot_.settings;
  what.transport = *transport;
  const bool sure = transport->tls == TlsPolicy::required ||
                    transport->tls == TlsPolicy::verified ||
                    transport->type == TransportType::submissions;
  what.prepared =
      sure || (transport->tls == TlsPolicy::opportunistic && tls_used_.contains(transport->name));
  for (Record& record : to_records(what))
    senders_.send(std::move(record), {}, std::exchange(theirs, Fd())); // beside the first
  roster_.started(standing);
  auto link =
      std::make_unique<Link>(loop_.uv(), std::move(ours), *this, key.first, key.second, standing);
  link->permits =
      std::make_unique<PermitSeat>(permits_, key.first, transport->connections,
                                   [to = link.get()](Record said) { to->say(std::move(said)); });
  if (logs_in(*transport)) give_oracle(*link, *transport);
  destinations_[key].link = std::move(link);
  return true;
}

// A line from the sender to the oracle, whose scope only this program can set. No other sender gets
// one. Without it the sender defers what it is given.
void Spawner::give_oracle(Link& link, const Transport& transport) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
    Log("no_socketpair").add("errno", errno).error();
    return;
  }
  Fd oracles(pair[0]);
  Fd senders(pair[1]);
  oracle_.send(to_record(scope_of(transport)), {}, std::move(oracles));
  link.say(Record().add("type", "oracle"), std::move(senders));
}

Standing Spawner::standing_of(const DestinationKey& key) const {
  if (failures_.failing(key)) return Standing::failing;
  return roster_.proven(key.second, loop_.now_ms()) ? Standing::proven : Standing::unknown;
}

// Ends the sender that has been idle for longest among those whose end helps.
bool Spawner::make_room(Standing standing) {
  const auto longest = std::ranges::find_if(
      idle_, [&](const Link* link) { return roster_.room(standing, link->standing); });
  if (longest == idle_.end()) return false;
  end_link(**longest);
  return true;
}

void Spawner::end_link(const Link& link) {
  const std::unique_ptr<Link> ended = take_link(link);
  roster_.ended(ended->standing);
  drop_if_empty({ended->transport, ended->destination});
}

// Only one that has done something gives jobs back: else jobs could go around among senders that
// all leave at once.
void Spawner::on_leaving(Link& link) {
  if (!link.worked()) return on_sender_gone(link, "the sender left");
  for (const std::uint64_t job : link.jobs())
    manager_.send(Record().add("type", "untried").add_number("job", job));
  forget(link);
}

void Spawner::on_sender_gone(Link& link, const std::string& why) {
  const std::vector<JobResult> results =
      link.abandoned(why + " with the mail in hand; it may have been delivered");
  Log("sender_gone")
      .add("transport", link.transport)
      .add("destination", link.destination)
      .add("jobs", results.size())
      .add("why", why)
      .warning();
  for (const JobResult& one : results)
    manager_.send(to_record(one));
  forget(link);
}

// Of one that has ended or shall: whoever waits goes on with another.
void Spawner::forget(const Link& link) {
  report_.changed();
  const std::unique_ptr<Link> gone = take_link(link);
  roster_.ended(gone->standing);
  const Key key{gone->transport, gone->destination};
  const bool probe = holds_.probe_over(key);
  feed(key);
  drop_if_empty(key);
  if (probe) feed_transport(key.first);
  feed_hungry();
}

void Spawner::queue_for_sender(const Key& key) {
  Destination& destination = destinations_[key];
  if (std::exchange(destination.hungry, true)) return;
  hungry_[static_cast<std::size_t>(standing_of(key))].push_back(key);
}

// A sender has ended or is idle: whoever waits for one may go on, the proven first.
void Spawner::feed_hungry() {
  for (const Standing standing : kStandings)
    feed_hungry(standing);
}

void Spawner::feed_hungry(Standing standing) {
  std::deque<Key>& waiting = hungry_[static_cast<std::size_t>(standing)];
  while (!waiting.empty()) {
    const Key key = waiting.front();
    const auto found = destinations_.find(key);
    const bool here = found != destinations_.end();
    if (here && standing_of(key) == standing && !found->second.waiting.empty()) {
      const std::uint64_t kick = found->second.waiting.front().job.kick;
      const bool known = known_failure(key, kick) != nullptr;
      if (!found->second.link && !known && !start(key)) return;
    }
    waiting.pop_front();
    if (!here) continue;
    found->second.hungry = false;
    feed(key); // queues it anew when it stands elsewhere by now
  }
}

// A sender that has delivered counts among the proven ones from now on: it keeps its life and its
// connections. True when it left its place among the others to one that waits.
bool Spawner::note_success(Link& link) {
  roster_.succeeded(link.destination, loop_.now_ms());
  return stands(link, Standing::proven);
}

bool Spawner::stands(Link& link, Standing standing) {
  const Standing before = std::exchange(link.standing, standing);
  if (before == standing) return false;
  roster_.changed(before, standing);
  return true;
}

void Spawner::settle_idle(Link& link) {
  if (link.running() > 0) return;
  link.idle_since_ms = loop_.now_ms();
  idle_.push_back(&link);
  feed_hungry();
  arm_idle_timer();
}

void Spawner::arm_idle_timer() {
  if (idle_.empty() || uv_is_active(reinterpret_cast<const uv_handle_t*>(idle_timer_)) != 0) return;
  const std::uint64_t due = idle_.front()->idle_since_ms + kIdleMs;
  const std::uint64_t now = loop_.now_ms();
  const auto fire = [](uv_timer_t* timer) { static_cast<Spawner*>(timer->data)->end_idle(); };
  uv_timer_start(idle_timer_, fire, due > now ? due - now : 0, 0);
}

void Spawner::end_idle() {
  while (!idle_.empty() && idle_.front()->idle_since_ms + kIdleMs <= loop_.now_ms())
    end_link(*idle_.front());
  arm_idle_timer();
  report_.changed();
}

Record Spawner::sender_record() {
  SenderState state;
  state.living = roster_.living();
  state.idle = idle_.size();
  state.failing = failures_.size();
  state.held = held_transports();
  return to_record(state);
}

} // namespace waypost::deliver
