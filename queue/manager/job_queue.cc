#include "queue/manager/job_queue.h"

namespace waypost::queue {
namespace {

constexpr BootMs kHour = 3'600'000;
constexpr std::size_t kManyDestinations = 2'000;
constexpr std::uint32_t kRun = 10; // jobs at one turn

} // namespace

std::string JobQueue::key(const Ticket& ticket) {
  return ticket.choice.transport + '\0' + ticket.choice.destination;
}

bool JobQueue::proven(const Destination& destination, BootMs now) const {
  return destination.last_success && now - *destination.last_success < kHour;
}

void JobQueue::push(Ticket ticket) {
  const std::string name = key(ticket);
  Destination& destination = destinations_[name];
  const auto [at, added] = destination.accounts.try_emplace(ticket.account);
  if (added) destination.ring.push_back(ticket.account);
  std::deque<Line>& lines = at->second.lines;
  if (lines.empty() || lines.back().id != ticket.id) lines.push_back({ticket.id, {}});
  const std::string transport = ticket.choice.transport;
  lines.back().tickets.push_back(std::move(ticket));
  ++waiting_;
  ++destination.waiting;
  if (destination.in_ring || destination.under_way >= limit_(transport)) return;
  destination.in_ring = true;
  ring_.push_back(name);
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
  return ticket;
}

std::optional<Ticket> JobQueue::next(BootMs now) {
  if (under_way_ >= most_) return std::nullopt;
  for (std::size_t left = ring_.size(); left > 0; --left) {
    const std::string name = std::move(ring_.front());
    ring_.pop_front();
    Destination& destination = destinations_[name];
    const bool is_proven = proven(destination, now);
    if (!is_proven && unproven_ >= most_ / 2) {
      ring_.push_back(name);
      continue;
    }
    Ticket ticket = take(destination);
    --waiting_;
    --destination.waiting;
    ++under_way_;
    ++destination.under_way;
    if (!is_proven) {
      ++unproven_;
      ++counted_unproven_[name];
    }
    destination.in_ring =
        !destination.ring.empty() && destination.under_way < limit_(ticket.choice.transport);
    const bool goes_on = is_proven && ++destination.run < kRun;
    if (destination.in_ring && goes_on) {
      ring_.push_front(name);
    } else {
      destination.run = 0;
      if (destination.in_ring) ring_.push_back(name);
    }
    return ticket;
  }
  return std::nullopt;
}

std::vector<Ticket> JobQueue::give_back(BootMs since, std::size_t keep) {
  std::vector<Ticket> back;
  for (auto& [name, destination] : destinations_) {
    std::vector<Ticket> stay;
    while (destination.waiting > 0) {
      Ticket ticket = take(destination);
      --destination.waiting;
      --waiting_;
      const bool old = ticket.queued <= since && stay.size() >= keep;
      (old ? back : stay).push_back(std::move(ticket));
    }
    for (Ticket& ticket : stay)
      push(std::move(ticket));
  }
  // Places in the ring may now stand for destinations where nothing waits.
  std::erase_if(ring_, [&](const std::string& name) {
    Destination& destination = destinations_[name];
    destination.in_ring = destination.waiting > 0;
    return !destination.in_ring;
  });
  return back;
}

void JobQueue::ended(const Ticket& ticket, bool success, BootMs now) {
  const std::string name = key(ticket);
  const auto at = destinations_.find(name);
  if (at == destinations_.end()) return;
  Destination& destination = at->second;
  --under_way_;
  --destination.under_way;
  if (success) destination.last_success = now;
  const auto counted = counted_unproven_.find(name);
  if (counted != counted_unproven_.end()) {
    --unproven_;
    if (--counted->second == 0) counted_unproven_.erase(counted);
  }
  if (!destination.in_ring && !destination.ring.empty() &&
      destination.under_way < limit_(ticket.choice.transport)) {
    destination.in_ring = true;
    ring_.push_back(name);
  }
  if (destinations_.size() > kManyDestinations) forget_idle(now);
}

void JobQueue::forget_idle(BootMs now) {
  std::erase_if(destinations_, [&](const auto& one) {
    const Destination& destination = one.second;
    return destination.under_way == 0 && destination.accounts.empty() && !proven(destination, now);
  });
}

} // namespace waypost::queue
