#include "route/simulation.h"

#include <algorithm>
#include <set>

#include "lib/mail/sender_rewriting.h"
#include "route/local_decision.h"

namespace waypost::route {
namespace {

bool has_one_host(TransportType type) {
  return type == TransportType::smtp || type == TransportType::submission ||
         type == TransportType::submissions;
}

bool same_transport(const Transport& a, const Transport& b) {
  if (a.name != b.name || a.type != b.type) return false;
  if (a.type == TransportType::fail) return a.code == b.code && a.text == b.text;
  return a.host == b.host && a.proxy == b.proxy && a.port == b.port;
}

bool same_way(const Decision& a, const Decision& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Decision::Kind::expand) return a.members == b.members && a.sender == b.sender;
  if (a.kind != Decision::Kind::use) return true; // it waits or is refused, whatever the words
  return same_transport(*a.transport, *b.transport) && a.to == b.to;
}

// Where all mail of a transport goes; "" where each recipient's domain has its own place.
std::string leads_to(const Transport& transport) {
  constexpr std::uint16_t kSmtp = 25;
  const Question none;
  if (has_one_host(transport.type)) return destination(transport, none, Settings());
  if (transport.type == TransportType::fail) {
    return std::to_string(transport.code) + " " + transport.text;
  }
  std::string place = transport.proxy;
  if (transport.port != kSmtp) {
    place += (place.empty() ? "port " : ", port ") + std::to_string(transport.port);
  }
  return place;
}

std::string first_members(const Decision& decision) {
  constexpr std::size_t kMostMembers = 3;
  const std::vector<std::string>& all = decision.members;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kMostMembers); ++i)
    text += (i == 0 ? "" : ", ") + all[i];
  if (all.size() > kMostMembers)
    text += " and " + std::to_string(all.size() - kMostMembers) + " more";
  return text;
}

Way way_of(const Decision& decision) {
  Way way;
  switch (decision.kind) {
  case Decision::Kind::use: break;
  case Decision::Kind::refuse:
    way.transport = kLocalTransport;
    way.type = name(TransportType::fail);
    way.leads_to = "550 " + decision.reason;
    return way;
  case Decision::Kind::expand:
    way.transport = way.type = kAliasesTransport;
    way.leads_to = first_members(decision);
    return way;
  case Decision::Kind::wait:
  case Decision::Kind::bounce:
  case Decision::Kind::ask_local: way.wait = decision.reason; return way;
  }
  const Transport& transport = *decision.transport;
  return {transport.name, std::string(name(transport.type)), leads_to(transport), decision.to, {}};
}

std::string rule_of(const Decision& decision) {
  if (decision.kind != Decision::Kind::use) return {};
  if (decision.by_hand) return "by hand";
  return decision.rule != nullptr ? decision.rule->where : "default";
}

// The routes are asked for the sender that leaves.
Question question_by(const Snapshot& snapshot, RouteQuery query, const WaitingMessage& message) {
  const SenderRewriting rewriting(snapshot, message.account);
  const Result<Address> sender = Address::parse(rewriting.address(message.sender.text()));
  if (sender && !sender->null()) query.from = sender->domain();
  return question_of(query);
}

} // namespace

std::size_t Simulation::group_of(const Decision& before, const Decision& after) {
  std::pair<Way, Way> ways{way_of(before), way_of(after)};
  const auto [found, fresh] = numbers_.try_emplace(ways, groups_.size());
  if (fresh) groups_.push_back({std::move(ways.first), std::move(ways.second), 0, 0, {}});
  return found->second;
}

void Simulation::take(const WaitingMessage& message) {
  if (message.recipients.empty()) return; // it waits for nothing but its notice
  ++messages_;
  ChangedMessage changed{message.id, message.sender.text(), message.account, message.held, {}};
  std::set<std::size_t> groups;
  for (const WaitingRecipient& recipient : message.recipients) {
    ++recipients_;
    RouteQuery query = next_query(message, recipient);
    query.local = recipient.address.local();
    const Question question = question_by(after_.snapshot(), query, message);
    const Decision before =
        decide_for_recipient(before_, question_by(before_.snapshot(), query, message));
    const Decision after = decide_for_recipient(after_, question);
    if (same_way(before, after)) continue;
    ++changed_recipients_;
    const std::size_t number = group_of(before, after);
    Group& group = groups_[number];
    ++group.recipients;
    const std::string rule = rule_of(after);
    if (!rule.empty()) ++group.rules[rule];
    groups.insert(number);
    if (!details_) continue;
    changed.changes.push_back(
        {recipient.address.text(), question.attempt, number, rule_of(before), rule});
  }
  for (const std::size_t number : groups)
    ++groups_[number].messages;
  if (!groups.empty()) ++changed_messages_;
  if (!changed.changes.empty()) changed_.push_back(std::move(changed));
}

} // namespace waypost::route
