// JobQueue: jobs that wait for their turn, and how many are under way. No files, no loop.
//
// Turns go round over destinations, within one over accounts, within one over messages, so that
// neither a dead host, nor one user, nor one long list holds up the others. A destination that
// takes mail gets a run of jobs at its turn, as its sender and connections are worth keeping busy.
// Jobs under way are bounded for each destination and in all; half of the places are kept for
// destinations that had a success within the last hour.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/route_query.h"
#include "lib/sys/clock.h"

namespace waypost::queue {

class Turn;

// Some recipients of one message, by one transport to one destination.
struct Ticket {
  std::shared_ptr<Turn> turn;
  std::string id; // of the message
  std::string account;
  RouteAnswer choice;
  std::uint32_t attempt = 1;
  std::vector<std::uint32_t> recipients; // ascending
  BootMs queued = 0;                     // since when it waits
};

class JobQueue {
public:
  // How many jobs a destination of that transport may have at once.
  using Limit = std::function<std::uint32_t(const std::string& transport)>;
  JobQueue(Limit limit, std::uint32_t most) : limit_(std::move(limit)), most_(most) {}

  void push(Ticket ticket);
  // The next job to start, counted as under way from now on.
  [[nodiscard]] std::optional<Ticket> next(BootMs now);
  // A job of that ticket has ended. `success`: some recipient was delivered.
  void ended(const Ticket& ticket, bool success, BootMs now);

  // Gives back what has waited since `since` or longer at destinations where more than `keep` wait:
  // a slow destination must not fill the places of all the others.
  [[nodiscard]] std::vector<Ticket> give_back(BootMs since, std::size_t keep);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint32_t under_way() const { return under_way_; }

private:
  struct Line { // one message's tickets
    std::string id;
    std::deque<Ticket> tickets;
  };
  struct Account {
    std::deque<Line> lines;
  };
  struct Destination {
    std::map<std::string, Account> accounts;
    std::deque<std::string> ring; // of accounts that have something waiting
    std::size_t waiting = 0;
    std::uint32_t under_way = 0;
    bool in_ring = false;  // of destinations
    std::uint32_t run = 0; // jobs taken at this turn
    std::optional<BootMs> last_success;
  };

  static std::string key(const Ticket& ticket);
  static Ticket take(Destination& destination);
  bool proven(const Destination& destination, BootMs now) const;
  void forget_idle(BootMs now);

  Limit limit_;
  std::uint32_t most_;
  std::unordered_map<std::string, Destination> destinations_;
  std::deque<std::string> ring_; // destinations with something waiting and a place free
  std::size_t waiting_ = 0;
  std::uint32_t under_way_ = 0;
  std::uint32_t unproven_ = 0; // under way to destinations without a recent success
  std::unordered_map<std::string, std::uint32_t> counted_unproven_;
};

} // namespace waypost::queue
