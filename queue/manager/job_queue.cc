#include "queue/manager/job_queue.h"

#include <algorithm>

namespace waypost::queue {
namespace {

constexpr BootMs kHour = 3'600'000;
constexpr std::uint32_t kRun = 10; // jobs at one turn

} // namespace

std::string JobQueue::key(const std::string& transport, const std::string& destination) {
  return transport + '\0' + destination;
}

std::string JobQueue::key(const Ticket& ticket) {
  return key(ticket.choice.transport, ticket.choice.destination);
}

JobQueue::Load JobQueue::load(const std::string& transport) const {
  const auto at = lanes_.find(transport);
  return at == lanes_.end() ? Load() : at->second.load;
}

JobQueue::Load JobQueue::load(const std::string& transport, const std::string& destination) const {
  const auto at = destinations_.find(key(transport, destination));
  return at == destinations_.end() ? Load() : Load{at->second.waiting, at->second.under_way};
}

JobQueue::Lane& JobQueue::lane_of(const std::string& transport) {
  const auto [at, added] = lanes_.try_emplace(transport);
  Lane& lane = at->second;
  if (added) {
    lane.limits = limits_(transport);
    lane.rate = RateWindow(lane.limits.rate, lane.limits.rate_period_s);
  }
  return lane;
}

JobQueue::Destination& JobQueue::destination_of(const Ticket& ticket) {
  const auto [at, added] = destinations_.try_emplace(key(ticket));
  Destination& destination = at->second;
  if (added) {
    destination.lane = &lane_of(ticket.choice.transport);
    destination.in = &idle_;
    destination.at = idle_.insert(idle_.end(), &destination);
  }
  return destination;
}

bool JobQueue::proven(const Destination& destination, BootMs now) {
  return destination.last_success && now - *destination.last_success < kHour;
}

bool JobQueue::able(const Destination& destination) {
  return destination.waiting > 0 && destination.under_way < destination.lane->limits.jobs;
}

void JobQueue::move(Destination& destination, Ring& to) {
  const Ring* const held = &destination.lane->held;
  if (destination.in == held) --held_;
  if (&to == held) ++held_;
  to.splice(to.end(), *destination.in, destination.at);
  destination.in = &to;
}

// Where it belongs; to the end of that ring, unless it is there already.
void JobQueue::place(Destination& destination, BootMs now) {
  Lane& lane = *destination.lane;
  const bool able = destination.waiting > 0 && destination.under_way < lane.limits.jobs;
  Ring& to = !able                      ? idle_
             : !lane.rate.room(now)     ? lane.held
             : proven(destination, now) ? proven_
                                        : unproven_;
  if (&to != destination.in) move(destination, to);
}

void JobQueue::add(Destination& destination, Ticket ticket) {
  const auto [at, added] = destination.accounts.try_emplace(ticket.account);
  if (added) destination.ring.push_back(ticket.account);
  std::deque<Line>& lines = at->second.lines;
  if (lines.empty() || lines.back().id != ticket.id) lines.push_back({ticket.id, {}});
  lines.back().tickets.push_back(std::move(ticket));
  ++destination.waiting;
  ++destination.lane->load.waiting;
}

void JobQueue::push(Ticket ticket, BootMs now) {
  Destination& destination = destination_of(ticket);
  add(destination, std::move(ticket));
  ++waiting_;
  place(destination, now);
}

Ticket JobQueue::take(Destination& destination) {
  const std::string name = std::move(destination.ring.front());
  destination.ring.pop_front();
  const auto account = destination.accounts.find(name);
  std::deque<Line>& lines = account->second.lines;
  Line line = std::move(lines.front());
  lines.pop_front();
  Ticket ticket = std::move(line.tickets.front());
  line.tickets.pop_front();
  if (!line.tickets.empty()) lines.push_back(std::move(line));
  if (lines.empty()) {
    destination.accounts.erase(account);
  } else {
    destination.ring.push_back(name);
  }
  --destination.waiting;
  --destination.lane->load.waiting;
  return ticket;
}

// Those whose transport's rate has room again. Asked for each job, and mostly none waits for that.
void JobQueue::open_lanes(BootMs now) {
  if (held_ == 0) return;
  for (auto& [name, lane] : lanes_) {
    if (lane.held.empty() || !lane.rate.room(now)) continue;
    while (!lane.held.empty())
      place(*lane.held.front(), now);
  }
}

JobQueue::Destination* JobQueue::next_destination(BootMs now) {
  open_lanes(now);
  for (;;) {
    const bool others = !unproven_.empty() && unproven_under_way_ < most_ / 2;
    if (proven_.empty() && !others) return nullptr;
    const bool from_proven = !proven_.empty() && (proven_turn_ || !others);
    Ring& ring = from_proven ? proven_ : unproven_;
    Destination& first = *ring.front();
    place(first, now);
    if (first.in != &ring) continue; // its rate is used up, or its success was long ago
    const bool goes_on = from_proven && ++first.run < kRun;
    if (!goes_on) {
      first.run = 0;
      proven_turn_ = !from_proven;
      move(first, ring); // to its end
    }
    return &first;
  }
}

std::optional<Ticket> JobQueue::next(BootMs now) {
  if (under_way_ >= most_) return std::nullopt;
  Destination* const destination = next_destination(now);
  if (destination == nullptr) return std::nullopt;
  Ticket ticket = take(*destination);
  --waiting_;
  const Ring* const from = destination->in;
  begun(*destination, now);
  if (from == &proven_ && destination->in != from) { // its run is over early
    destination->run = 0;
    proven_turn_ = false;
  }
  return ticket;
}

void JobQueue::begun(Destination& destination, BootMs now) {
  ++under_way_;
  ++destination.under_way;
  ++destination.lane->load.under_way;
  destination.lane->rate.take(now);
  if (!proven(destination, now)) {
    ++unproven_under_way_;
    ++destination.unproven;
  }
  // It waits for the rate, if need be, behind those that stand before it.
  if (!able(destination)) move(destination, idle_);
}

void JobQueue::ended(const Ticket& ticket, JobEnd end, BootMs now) {
  const auto at = destinations_.find(key(ticket));
  if (at == destinations_.end()) return;
  Destination& destination = at->second;
  --under_way_;
  --destination.under_way;
  --destination.lane->load.under_way;
  if (end == JobEnd::delivered) destination.last_success = now;
  if (end == JobEnd::untried) destination.lane->rate.give_back();
  if (destination.unproven > 0) {
    --unproven_under_way_;
    --destination.unproven;
  }
  place(destination, now);
  if (destinations_.size() > many_) forget_idle(now);
}

std::optional<BootMs> JobQueue::opens_at(BootMs now) {
  std::optional<BootMs> first;
  if (held_ == 0) return first;
  for (auto& [name, lane] : lanes_) {
    if (lane.held.empty()) continue;
    const BootMs opens = lane.rate.opens_at(now);
    if (!first || opens < *first) first = opens;
  }
  return first;
}

std::vector<Ticket> JobQueue::give_back(BootMs since, std::size_t keep, BootMs now) {
  std::vector<Ticket> back;
  std::map<const Lane*, std::size_t> kept_for_rate;
  for (auto& [name, destination] : destinations_) {
    std::size_t alone = 0;
    std::size_t& kept =
        destination.in == &destination.lane->held ? kept_for_rate[destination.lane] : alone;
    std::vector<Ticket> stay;
    while (destination.waiting > 0) {
      Ticket ticket = take(destination);
      const bool old = ticket.queued <= since && kept >= keep;
      if (!old) ++kept;
      (old ? back : stay).push_back(std::move(ticket));
    }
    for (Ticket& ticket : stay)
      add(destination, std::move(ticket));
    place(destination, now);
  }
  waiting_ -= back.size();
  return back;
}

void JobQueue::reconfigure(BootMs now) {
  for (auto& [name, lane] : lanes_) {
    lane.limits = limits_(name);
    const TransportLimits& limits = lane.limits;
    if (!lane.rate.same_as(limits.rate, limits.rate_period_s))
      lane.rate = RateWindow(limits.rate, limits.rate_period_s);
  }
  for (auto& [name, destination] : destinations_)
    place(destination, now);
}

void JobQueue::forget_idle(BootMs now) {
  for (auto at = destinations_.begin(); at != destinations_.end();) {
    const Destination& one = at->second;
    const bool idle = one.under_way == 0 && one.waiting == 0 && !proven(one, now);
    if (idle) idle_.erase(one.at);
    at = idle ? destinations_.erase(at) : std::next(at);
  }
  many_ = std::max(kManyDestinations, 2 * destinations_.size()); // not again for each job
}

} // namespace waypost::queue
