#include "route/simulation_output.h"

#include <algorithm>
#include <numeric>

#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::route {
namespace {

constexpr std::size_t kMostRules = 3;
constexpr std::size_t kMostAddresses = 3;

std::string count(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string way_text(const Way& way) {
  if (way.transport.empty()) return "waits: " + printable(way.wait);
  std::string in = way.transport == way.type ? "" : way.type;
  if (!way.leads_to.empty()) in += (in.empty() ? "" : " ") + printable(way.leads_to);
  return way.transport + (in.empty() ? "" : " (" + in + ")") +
         (way.to.empty() ? "" : " to " + printable(way.to));
}

// "waypost.toml:12 (3), default (1)": those that decide most.
std::string rules_text(const Group& group) {
  std::vector<std::pair<std::string, std::uint64_t>> rules(group.rules.begin(), group.rules.end());
  std::ranges::stable_sort(rules, std::greater(), &std::pair<std::string, std::uint64_t>::second);
  std::string all;
  for (std::size_t i = 0; i < std::min(rules.size(), kMostRules); ++i) {
    all += (i == 0 ? "" : ", ") + printable(rules[i].first);
    if (rules.size() > 1) all += " (" + std::to_string(rules[i].second) + ")";
  }
  if (rules.size() > kMostRules) {
    all += " and " + count(rules.size() - kMostRules, "other rule");
  }
  return all;
}

// The groups' numbers, the largest first.
std::vector<std::size_t> by_size(const std::vector<Group>& groups) {
  std::vector<std::size_t> numbers(groups.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  std::ranges::stable_sort(numbers, std::greater(),
                           [&](std::size_t number) { return groups[number].recipients; });
  return numbers;
}

// "1j0q8gopq5c4boo2  alice@example.org -> bob@example.com and 2 more, attempt 4 (held)"
std::string message_text(const ChangedMessage& message, std::size_t group) {
  std::string addresses;
  std::size_t n = 0;
  std::uint32_t attempt = 0;
  for (const Change& one : message.changes) {
    if (one.group != group) continue;
    if (n < kMostAddresses) addresses += (n == 0 ? "" : ", ") + printable(one.address);
    if (n == 0) attempt = one.attempt;
    ++n;
  }
  if (n == 0) return {};
  std::string line = "          " + message.id + "  ";
  line += (message.sender.empty() ? "<>" : printable(message.sender)) + " -> " + addresses;
  if (n > kMostAddresses) line += " and " + std::to_string(n - kMostAddresses) + " more";
  line += ", attempt " + std::to_string(attempt);
  return line + (message.held ? " (held)\n" : "\n");
}

std::string way_json(const Way& way) {
  JsonObject object;
  if (way.transport.empty()) return object.text("wait", way.wait).str();
  object.text("transport", way.transport).text("type", way.type);
  object.some_text("leads_to", way.leads_to);
  return way.to.empty() ? object.str() : object.text("to", way.to).str();
}

std::string group_json(const Group& group) {
  JsonObject object;
  object.text("object", "group").number("recipients", group.recipients);
  object.number("messages", group.messages);
  return object.raw("before", way_json(group.before)).raw("after", way_json(group.after)).str();
}

std::string message_json(const ChangedMessage& message, const std::vector<Group>& groups) {
  JsonArray recipients;
  for (const Change& one : message.changes) {
    const Group& group = groups[one.group];
    JsonObject object;
    object.text("address", one.address).number("attempt", one.attempt);
    object.raw("before", way_json(group.before)).some_text("rule_before", one.rule_before);
    object.raw("after", way_json(group.after)).some_text("rule_after", one.rule_after);
    recipients.add(object.str());
  }
  JsonObject object;
  object.text("object", "message").text("id", message.id).text("sender", message.sender);
  object.text("account", message.account).boolean("held", message.held);
  return object.raw("recipients", recipients.str()).str();
}

} // namespace

std::string simulation_text(const Simulation& simulation) {
  const std::string all = count(simulation.recipients(), "recipient") + " that " +
                          (simulation.recipients() == 1 ? "waits" : "wait") + ", in " +
                          count(simulation.messages(), "message");
  if (simulation.changed_recipients() == 0) return all + ": nothing would go elsewhere\n";
  std::string out = all + ": " + count(simulation.changed_recipients(), "recipient") + " of " +
                    count(simulation.changed_messages(), "message") + " would go elsewhere\n";
  const std::vector<Group>& groups = simulation.groups();
  for (const std::size_t number : by_size(groups)) {
    const Group& group = groups[number];
    std::string size = std::to_string(group.recipients);
    size.insert(0, size.size() < 8 ? 8 - size.size() : 0, ' ');
    out += size + "  " + way_text(group.before) + " -> " + way_text(group.after);
    const std::string rules = rules_text(group);
    out += rules.empty() ? "\n" : ", by " + rules + "\n";
    for (const ChangedMessage& message : simulation.changed())
      out += message_text(message, number);
  }
  return out;
}

std::string simulation_json(const Simulation& simulation) {
  JsonObject total;
  total.text("object", "total").number("messages", simulation.messages());
  total.number("recipients", simulation.recipients());
  total.number("changed_messages", simulation.changed_messages());
  total.number("changed_recipients", simulation.changed_recipients());
  std::string out = total.str() + "\n";
  for (const std::size_t number : by_size(simulation.groups()))
    out += group_json(simulation.groups()[number]) + "\n";
  for (const ChangedMessage& message : simulation.changed())
    out += message_json(message, simulation.groups()) + "\n";
  return out;
}

} // namespace waypost::route
