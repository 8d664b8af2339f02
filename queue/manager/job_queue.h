// JobQueue: jobs that wait for their turn, and how many are under way. No files, no loop.
//
// Turns go round over destinations, within one over accounts, within one over messages, so that
// neither a dead host, nor one user, nor one long list holds up the others. A destination that
// took mail within the last hour is proven: it gets a run of jobs at its turn, as its sender and
// connections are worth keeping busy. Jobs under way are bounded for each destination and in all;
// half of the places are kept for the proven, and as long as the others have places too, turns
// alternate between the two.
//
// A transport's rate holds back its own jobs only, and for no longer than it must: they take no
// place meanwhile, and it is no attempt.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/mail/route_query.h"
#include "queue/manager/rate_window.h"

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
  BootMs begun = 0;                      // when its job left for waypost-deliver
};

// What a transport allows.
struct TransportLimits {
  std::uint32_t jobs = 40; // to one destination at once
  std::uint32_t rate = 0;  // jobs in `rate_period_s`, to all destinations; 0: any number
  std::uint32_t rate_period_s = 0;
};

// How a job ended.
enum class JobEnd : std::uint8_t {
  untried,  // nothing left this machine: the rate need not count it
  tried,    // but nobody was delivered
  delivered // to some recipient
};

class JobQueue {
public:
  using Limits = std::function<TransportLimits(const std::string& transport)>;
  JobQueue(Limits limits, std::uint32_t most) : limits_(std::move(limits)), most_(most) {}

  void push(Ticket ticket, BootMs now);
  // The next job to start, counted as under way from now on.
  [[nodiscard]] std::optional<Ticket> next(BootMs now);
  // A job of that ticket has ended.
  void ended(const Ticket& ticket, JobEnd end, BootMs now);
  // When jobs that wait for nothing but a rate may go; none wait for one: none.
  [[nodiscard]] std::optional<BootMs> opens_at(BootMs now);

  // Gives back what has waited since `since` or longer at destinations, or for a rate, where more
  // than `keep` wait: they must not fill the places of all the others.
  [[nodiscard]] std::vector<Ticket> give_back(BootMs since, std::size_t keep, BootMs now);
  // The limits are others from now on.
  void reconfigure(BootMs now);

  struct Load {
    std::size_t waiting = 0;
    std::size_t under_way = 0;
  };
  [[nodiscard]] Load load(const std::string& transport) const;
  [[nodiscard]] Load load(const std::string& transport, const std::string& destination) const;
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint32_t under_way() const { return under_way_; }

private:
  struct Destination;
  using Ring = std::list<Destination*>;

  struct Lane { // a transport
    Load load;  // of all its destinations
    TransportLimits limits;
    RateWindow rate;
    Ring held; // destinations that wait for the rate
  };
  struct Line { // one message's tickets
    std::string id;
    std::deque<Ticket> tickets;
  };
  struct Account {
    std::deque<Line> lines;
  };
  struct Destination {
    Lane* lane = nullptr;
    std::map<std::string, Account> accounts;
    std::deque<std::string> ring; // of accounts that have something waiting
    std::size_t waiting = 0;
    std::uint32_t under_way = 0;
    std::uint32_t unproven = 0; // of these, begun while it was not proven
    std::uint32_t run = 0;      // jobs taken at this turn
    std::optional<BootMs> last_success;
    Ring* in = nullptr; // always in one
    Ring::iterator at;
  };

  static constexpr std::size_t kManyDestinations = 2'000;

  static std::string key(const std::string& transport, const std::string& destination);
  static std::string key(const Ticket& ticket);
  Destination& destination_of(const Ticket& ticket);
  Lane& lane_of(const std::string& transport);
  static bool able(const Destination& destination);
  static bool proven(const Destination& destination, BootMs now);
  static void add(Destination& destination, Ticket ticket);
  static Ticket take(Destination& destination);
  void move(Destination& destination, Ring& to);
  void place(Destination& destination, BootMs now);
  void open_lanes(BootMs now);
  [[nodiscard]] Destination* next_destination(BootMs now);
  void begun(Destination& destination, BootMs now);
  void forget_idle(BootMs now);

  Limits limits_;
  std::uint32_t most_;
  std::map<std::string, Lane> lanes_;
  std::unordered_map<std::string, Destination> destinations_;
  Ring idle_;            // nothing waits, or no more may be under way
  Ring proven_;          // may go
  Ring unproven_;        // likewise
  std::size_t held_ = 0; // destinations that wait for a rate, in all lanes
  bool proven_turn_ = true;
  std::size_t many_ = kManyDestinations; // more are looked through for some to forget
  std::size_t waiting_ = 0;
  std::uint32_t under_way_ = 0;
  std::uint32_t unproven_under_way_ = 0;
};

} // namespace waypost::queue
