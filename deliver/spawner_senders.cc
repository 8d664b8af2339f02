// Which senders live: the spawner's part that starts, evicts and ends them.

#include <algorithm>
#include <sys/socket.h>
#include <utility>

#include "deliver/spawner.h"
#include "deliver/start.h"
#include "lib/sys/log.h"

namespace waypost::deliver {

// Starts the destination's sender. False when it must wait for another one to end.
bool Spawner::start(const Key& key) {
  const bool proven = roster_.proven(key.second, loop_.now_ms());
  if (!roster_.room(proven) && !make_room(proven)) return false;
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
  what.proven = proven;
  what.settings = snapshot_.settings;
  what.transport = *transport;
  const bool sure = transport->tls == TlsPolicy::required || transport->tls == TlsPolicy::verified;
  what.prepared =
      sure || (transport->tls == TlsPolicy::opportunistic && tls_used_.contains(transport->name));
  for (Record& record : to_records(what))
    senders_.send(std::move(record), {}, std::exchange(theirs, Fd())); // beside the first
  roster_.started(proven);
  destinations_[key].link =
      std::make_unique<Link>(loop_.uv(), std::move(ours), *this, key.first, key.second, proven);
  return true;
}

// Ends the sender that has been idle for longest, if that helps.
bool Spawner::make_room(bool proven) {
  const bool only_unproven = !proven && roster_.unproven_full();
  const auto longest = std::ranges::find_if(
      idle_, [&](const Link* link) { return !only_unproven || !link->proven; });
  if (longest == idle_.end()) return false;
  end_link(**longest);
  return roster_.room(proven);
}

void Spawner::end_link(const Link& link) {
  const std::unique_ptr<Link> ended = take_link(link);
  roster_.ended(ended->proven);
  drop_if_empty({ended->transport, ended->destination});
}

void Spawner::queue_for_sender(const Key& key) {
  Destination& destination = destinations_[key];
  if (std::exchange(destination.hungry, true)) return;
  const bool proven = roster_.proven(key.second, loop_.now_ms());
  (proven ? hungry_proven_ : hungry_).push_back(key);
}

// A sender has ended or is idle: whoever waits for one may go on.
void Spawner::feed_hungry() {
  feed_hungry(hungry_proven_);
  feed_hungry(hungry_);
}

void Spawner::feed_hungry(std::deque<Key>& waiting) {
  while (!waiting.empty()) {
    const Key key = waiting.front();
    const auto found = destinations_.find(key);
    if (found != destinations_.end() && !found->second.waiting.empty()) {
      if (!found->second.link && !start(key)) return;
      found->second.hungry = false;
      feed(key);
    }
    waiting.pop_front();
  }
}

// A sender that has delivered counts among the proven ones from now on: it keeps its life and its
// connections. True when it left its place among the unproven to one that waits.
bool Spawner::note_success(Link& link) {
  roster_.succeeded(link.destination, loop_.now_ms());
  if (std::exchange(link.proven, true)) return false;
  roster_.promoted();
  return true;
}

void Spawner::settle_idle(Link& link) {
  if (link.running() > 0) return;
  link.idle_since_ms = loop_.now_ms();
  idle_.push_back(&link);
  if (!hungry_.empty() || !hungry_proven_.empty()) feed_hungry();
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
}

} // namespace waypost::deliver
