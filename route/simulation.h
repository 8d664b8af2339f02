// Simulation: for each recipient that waits, the way of its next attempt under two configurations;
// what would go elsewhere is counted, and kept where somebody wants to see it.
//
// A way is a transport: its name, its type, and where that leads (host, proxy, port; the refusal of
// type fail; the members of an alias), and to whom where an alias says so; or that the recipient
// waits. Settings of a transport that leave these as they are
// (TLS, limits, a login) send nothing elsewhere. Both are asked by decide(), as mail is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "route/decision.h"
#include "route/queue_listing.h"

namespace waypost::route {

// One way, as it is shown.
struct Way {
  std::string transport; // empty: it waits
  std::string type;
  std::string leads_to; // "smtp.isp.example:25"; empty: the recipient's own servers
  std::string to;       // an alias or root_to leads to this address
  std::string wait;     // why
  auto operator<=>(const Way&) const = default;
};

struct Change {
  std::string address;
  std::uint32_t attempt = 1;
  std::size_t group = 0;   // number of its Group
  std::string rule_before; // "waypost.toml:41", "default", "by hand"; empty: it waits
  std::string rule_after;
};

struct ChangedMessage {
  std::string id;
  std::string sender;
  std::string account;
  bool held = false;
  std::vector<Change> changes;
};

// Recipients that would leave one way for the same other one.
struct Group {
  Way before;
  Way after;
  std::uint64_t recipients = 0;
  std::uint64_t messages = 0;
  std::map<std::string, std::uint64_t> rules; // of the new configuration; how many each decides
};

class Simulation {
public:
  // The routes must outlive it. `details`: keep each message that would go elsewhere.
  Simulation(const Routes& before, const Routes& after, bool details)
      : before_(before),
        after_(after),
        details_(details) {}

  void take(const WaitingMessage& message);

  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::uint64_t recipients() const { return recipients_; }
  [[nodiscard]] std::uint64_t changed_messages() const { return changed_messages_; }
  [[nodiscard]] std::uint64_t changed_recipients() const { return changed_recipients_; }
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  [[nodiscard]] const std::vector<ChangedMessage>& changed() const { return changed_; }

private:
  std::size_t group_of(const Decision& before, const Decision& after);

  const Routes& before_;
  const Routes& after_;
  bool details_;
  std::uint64_t messages_ = 0;
  std::uint64_t recipients_ = 0;
  std::uint64_t changed_messages_ = 0;
  std::uint64_t changed_recipients_ = 0;
  std::map<std::pair<Way, Way>, std::size_t> numbers_;
  std::vector<Group> groups_;
  std::vector<ChangedMessage> changed_;
};

} // namespace waypost::route
