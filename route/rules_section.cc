#include "route/rules_section.h"

#include <algorithm>

#include "lib/sys/text.h"
#include "route/network_name.h"
#include "route/section.h"

namespace waypost::route {
namespace {

class RulesReader {
public:
  RulesReader(std::string_view file_name, const std::vector<Transport>& transports,
              std::vector<TableOrigin>& origins, Complaints& complaints)
      : file_name_(file_name),
        origins_(origins),
        complaints_(complaints) {
    for (const Transport& one : transports)
      if (one.name != kAliasesTransport) transports_.push_back(one.name);
  }

  // [domain] or [account]: a table of names, each with its rules.
  void read_names(const Entry& section, RouteLevel level) {
    if (section.value.kind != Node::Kind::table) {
      complaints_.add(section.line, section.name + " is not a table; write " + example(level));
      return;
    }
    KeyLines seen;
    for (const Entry& entry : section.value.entries) {
      if (entry.value.kind != Node::Kind::table) {
        complaints_.add(entry.line, quoted(entry.name) + " stands in [" + section.name +
                                        "] itself; write " + example(level));
      } else if (dots_without_quotes(entry)) {
        complain_of_dots(section.name, entry, entry.name);
      } else {
        read_name(entry, level, seen);
      }
    }
  }

  void read_rules(const Entry& entry, RouteLevel level, const std::string& key) {
    const bool list = entry.value.kind == Node::Kind::list;
    const bool tables = list && std::ranges::all_of(entry.value.items, [](const Node& item) {
                          return item.kind == Node::Kind::table;
                        });
    if (!tables) {
      complaints_.add(entry.line,
                      "route is not a list of rules; each rule begins with a line of its "
                      "own, in double brackets: " +
                          example(level));
      return;
    }
    for (const Node& rule : entry.value.items)
      read_rule(rule, level, key);
  }

  std::vector<RouteRule> take() { return std::move(rules_); }

private:
  static std::string example(RouteLevel level) {
    switch (level) {
    case RouteLevel::account: return "[[account.alice.route]]";
    case RouteLevel::domain: return "[[domain.\"example.org\".route]]";
    case RouteLevel::global: return "[[route]]";
    }
    return {};
  }

  // [domain.example.org] is a table "org" in a table "example": tables all the way down to `route`.
  static bool dots_without_quotes(const Entry& entry) {
    const auto& entries = entry.value.entries;
    return !entries.empty() && entry.value.find("route") == nullptr &&
           std::ranges::all_of(
               entries, [](const Entry& below) { return below.value.kind == Node::Kind::table; });
  }

  static bool has_rules_below(const Entry& entry) {
    return entry.value.kind == Node::Kind::table &&
           (entry.value.find("route") != nullptr || dots_without_quotes(entry));
  }

  static std::string section_of(RouteLevel level) {
    return level == RouteLevel::account ? "account" : "domain";
  }

  void complain_of_dots(const std::string& section, const Entry& entry, const std::string& dotted) {
    if (dots_without_quotes(entry)) {
      for (const Entry& below : entry.value.entries)
        complain_of_dots(section, below, dotted + "." + below.name);
      return;
    }
    const bool rules = entry.value.find("route") != nullptr;
    const std::string name = section + "." + quoted(dotted);
    complaints_.add(entry.line,
                    section + "." + printable(dotted) +
                        " without quotes is a table in a table; a name with dots needs quotes: " +
                        (rules ? "[[" + name + ".route]]" : "[" + name + "]"));
  }

  // The account, or the domain in normal form; "" when it is wrong.
  std::string key_of(const Entry& entry, RouteLevel level) {
    if (level == RouteLevel::account) {
      if (!entry.name.empty() && printable(entry.name) == entry.name) return entry.name;
      complaints_.add(entry.line, "account: " + quoted(entry.name) +
                                      " is no name; write a Unix user or a login, as in "
                                      "[[account.\"smtp:alice\".route]]");
      return {};
    }
    if (entry.name.starts_with('.')) {
      complaints_.add(entry.line, "domain: " + quoted(entry.name) +
                                      " begins with a dot; for a domain and all below it write "
                                      "[[route]] with from = [" +
                                      quoted(entry.name) + "]");
      return {};
    }
    const Parsed<std::string> domain = parse_domain(entry.name);
    if (domain) return *domain;
    complaints_.add(entry.line, "domain: " + quoted(entry.name) + " " + domain.error() +
                                    "; write the sender's domain, as in " + example(level));
    return {};
  }

  void read_name(const Entry& entry, RouteLevel level, KeyLines& seen) {
    const std::string key = key_of(entry, level);
    if (!key.empty() && !seen.emplace(key, entry.line).second) {
      complaints_.add(entry.line, quoted(entry.name) + " is the same domain as on line " +
                                      std::to_string(seen.find(key)->second) +
                                      "; write its rules under one name");
    }
    for (const Entry& below : entry.value.entries) {
      if (below.name == "route") {
        read_rules(below, level, key);
        continue;
      }
      if (level == RouteLevel::domain && find_key(domain_keys(), below.name) != nullptr) continue;
      if (level == RouteLevel::account && find_key(account_keys(), below.name) != nullptr) continue;
      // Beside [[domain.example.route]] there may be a [[domain.example.org.route]].
      if (has_rules_below(below)) {
        complain_of_dots(section_of(level), below, entry.name + "." + below.name);
        continue;
      }
      std::vector<std::string_view> known{"route"};
      if (level == RouteLevel::domain) {
        const auto more = names_of(domain_keys());
        known.insert(known.end(), more.begin(), more.end());
      } else {
        known.push_back(account_keys().front().name);
      }
      std::string hint = did_you_mean(below.name, known);
      if (hint.empty()) hint = belongs_elsewhere(below.name, "here");
      const std::string wrong =
          "unknown key " + quoted(below.name) + " under " + quoted(entry.name) + hint;
      complaints_.add(below.line, and_write(wrong, example(level)));
    }
  }

  void read_rule(const Node& table, RouteLevel level, const std::string& key) {
    RouteRule rule;
    rule.level = level;
    rule.key = key;
    rule.where = std::string(file_name_) + ":" + std::to_string(table.line);
    origins_.push_back({table.line, {}});
    KeyLines& lines = origins_.back().keys;
    for (const Entry& entry : table.entries)
      take_key(rule_keys(), entry, rule, "a rule", lines, complaints_);
    if (!lines.contains("transport")) {
      complaints_.add(table.line,
                      "a rule without transport; write transport = " + one_of_words(transports_));
    } else if (!rule.transport.empty() &&
               std::ranges::find(transports_, rule.transport) == transports_.end()) {
      const std::string wrong =
          rule.transport == kAliasesTransport
              ? "transport: \"aliases\" takes what the alias file hands to commands and files, and "
                "nothing by a rule"
              : "transport: there is no " + quoted(rule.transport) +
                    did_you_mean(rule.transport, transports_);
      complaints_.add(lines.find("transport")->second, and_write(wrong, one_of_words(transports_)));
    }
    rules_.push_back(std::move(rule));
  }

  std::string_view file_name_;
  std::vector<TableOrigin>& origins_;
  Complaints& complaints_;
  std::vector<std::string_view> transports_;
  std::vector<RouteRule> rules_;
};

} // namespace

std::vector<RouteRule> read_rules(const Node& file, std::string_view file_name,
                                  const std::vector<Transport>& transports,
                                  std::vector<TableOrigin>& origins, Complaints& complaints) {
  RulesReader reader(file_name, transports, origins, complaints);
  if (const Entry* accounts = file.find("account"))
    reader.read_names(*accounts, RouteLevel::account);
  if (const Entry* domains = file.find("domain")) reader.read_names(*domains, RouteLevel::domain);
  if (const Entry* global = file.find("route")) reader.read_rules(*global, RouteLevel::global, "");
  return reader.take();
}

} // namespace waypost::route
