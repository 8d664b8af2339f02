#include "spfcheck/ways_out.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "lib/mail/address.h"
#include "lib/mail/domain_pattern.h"
#include "lib/mail/idna.h"

namespace waypost::spfcheck {
namespace {

using Rules = std::vector<const RouteRule*>;

template <class Wanted>
bool any_class(Wanted wanted) {
  for (int number = 1; number <= static_cast<int>(FailureClass::other); ++number) {
    if (wanted(static_cast<FailureClass>(number))) return true;
  }
  return false;
}

bool moves(const RouteRule& rule) {
  return any_class([&](FailureClass one) { return rule.after.has(one) && may_move(one); });
}

bool all_in(FailureClasses inner, FailureClasses outer) {
  return !any_class([&](FailureClass one) { return inner.has(one) && !outer.has(one); });
}

bool fits_any(const std::vector<std::string>& patterns, std::string_view domain) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const std::string& one) { return fits(one, domain); });
}

// The rules that mail of this account (empty: of one without rules) and domain is asked of.
Rules rules_for(const Snapshot& snapshot, std::string_view account, std::string_view domain) {
  Rules rules;
  for (const RouteRule& rule : snapshot.routes) {
    const bool asked = rule.level == RouteLevel::global ||
                       (rule.level == RouteLevel::account && rule.key == account) ||
                       (rule.level == RouteLevel::domain && rule.key == domain);
    if (asked && fits_any(rule.from, domain)) rules.push_back(&rule);
  }
  return rules;
}

// Whether `before` takes all mail of `rule` to the domains of one of its patterns ("": any).
bool takes(const RouteRule& before, const RouteRule& rule, std::string_view to) {
  const auto covers_to = [&](const std::string& one) { return !to.empty() && covers(one, to); };
  if (!before.to.empty() && std::ranges::none_of(before.to, covers_to)) return false;
  if (before.attempt > std::max(rule.attempt, 1U)) return false;
  return before.after.empty() || (!rule.after.empty() && all_in(rule.after, before.after));
}

bool takes_all(const RouteRule& rule) {
  return rule.to.empty() && rule.attempt <= 1 && rule.after.empty();
}

// Mail that `before` has taken comes further when its transport has refused it for good, and a rule
// moved it elsewhere.
bool may_be_passed_over(const RouteRule& before, const Rules& rules) {
  return std::ranges::any_of(rules, [&](const RouteRule* one) {
    return moves(*one) && one->transport != before.transport;
  });
}

bool reached(const Rules& rules, std::size_t number) {
  const RouteRule& rule = *rules[number];
  // A refusal for good asks only rules that name its class, wherever they stand.
  if (moves(rule)) return true;
  std::vector<std::string> destinations = rule.to;
  if (destinations.empty()) destinations.emplace_back();
  const auto left = [&](const std::string& to) {
    for (std::size_t i = 0; i < number; ++i) {
      if (takes(*rules[i], rule, to) && !may_be_passed_over(*rules[i], rules)) return false;
    }
    return true;
  };
  return std::ranges::any_of(destinations, left);
}

bool sends(const Transport& transport) {
  using enum TransportType;
  constexpr std::array kInto{direct, smtp, submission, submissions, socks};
  return std::ranges::find(kInto, transport.type) != kInto.end();
}

std::string domain_of_address(const std::string& address) {
  const Result<Address> parsed = Address::parse(address);
  if (!parsed || parsed->domain().empty()) return {};
  const Result<std::string> normal = normal_domain(parsed->domain());
  return normal ? *normal : std::string();
}

// Of from_rewrite, which may be "@" and a domain in normal form.
std::string domain_of_rule(const std::string& rule) {
  return rule.starts_with('@') ? rule.substr(1) : domain_of_address(rule);
}

std::set<std::string> accounts_of(const Snapshot& snapshot) {
  std::set<std::string> accounts{""};
  for (const RouteRule& rule : snapshot.routes) {
    if (rule.level == RouteLevel::account) accounts.insert(rule.key);
  }
  return accounts;
}

// Rules by the transport that they lead to.
class Reach {
public:
  explicit Reach(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(std::string_view account, std::string_view domain, const std::string& prefix) {
    const Rules rules = rules_for(snapshot_, account, domain);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!reached(rules, i)) continue;
      const bool own = rules[i]->level == RouteLevel::account;
      note(rules[i]->transport,
           prefix + rules[i]->where + (own ? " (account " + rules[i]->key + ")" : ""));
    }
    const auto all = [](const RouteRule* one) { return takes_all(*one); };
    if (std::ranges::none_of(rules, all)) note("direct", prefix + "no rule");
  }

  [[nodiscard]] std::vector<Way> take() {
    std::vector<Way> ways;
    for (const Transport& transport : snapshot_.transports) {
      const auto found = routes_.find(transport.name);
      if (found == routes_.end() || !sends(transport)) continue;
      ways.push_back({&transport, std::move(found->second)});
    }
    return ways;
  }

  void only(std::string_view null_sender_domain) {
    std::erase_if(routes_, [&](const auto& one) {
      const Transport* const transport = snapshot_.transport(one.first);
      return domain_of_address(transport->null_sender) != null_sender_domain;
    });
  }

  void merge(const Reach& other) {
    for (const auto& [transport, routes] : other.routes_) {
      for (const std::string& route : routes)
        note(transport, route);
    }
  }

private:
  void note(const std::string& transport, const std::string& route) {
    std::vector<std::string>& routes = routes_[transport];
    if (std::ranges::find(routes, route) == routes.end()) routes.push_back(route);
  }

  const Snapshot& snapshot_;
  std::map<std::string, std::vector<std::string>, std::less<>> routes_;
};

} // namespace

std::vector<Way> ways_out(const Snapshot& snapshot, std::string_view domain) {
  Reach reach(snapshot);
  Reach notices(snapshot);
  for (const std::string& account : accounts_of(snapshot))
    reach.add(account, domain, "");
  // Notices are waypost's own mail, of no account.
  notices.add("", "", "notices by ");
  notices.only(domain);
  reach.merge(notices);
  return reach.take();
}

std::vector<std::string> sender_domains(const Snapshot& snapshot) {
  std::set<std::string> domains{snapshot.settings.hostname};
  for (const SenderDomain& one : snapshot.domains)
    domains.insert(one.name);
  for (const RouteRule& rule : snapshot.routes) {
    if (rule.level == RouteLevel::domain) domains.insert(rule.key);
    for (const std::string& pattern : rule.from)
      domains.insert(pattern.starts_with('.') ? pattern.substr(1) : pattern);
  }
  for (const Transport& transport : snapshot.transports)
    domains.insert(domain_of_address(transport.null_sender));
  domains.insert(domain_of_rule(snapshot.settings.from_rewrite));
  for (const SenderAccount& account : snapshot.accounts)
    domains.insert(domain_of_rule(account.from_rewrite));
  // An address literal publishes nothing.
  std::erase_if(domains, [](const std::string& one) { return one.empty() || one[0] == '['; });
  return {domains.begin(), domains.end()};
}

} // namespace waypost::spfcheck
