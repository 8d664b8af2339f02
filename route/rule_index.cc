#include "route/rule_index.h"

#include <algorithm>

namespace waypost::route {

RuleIndex::RuleIndex(const std::vector<RouteRule>& rules) {
  for (std::uint32_t number = 0; number < rules.size(); ++number) {
    const RouteRule& rule = rules[number];
    switch (rule.level) {
    case RouteLevel::account: accounts_[rule.key].add(rule, number); break;
    case RouteLevel::domain: domains_[rule.key].add(rule, number); break;
    case RouteLevel::global: global_.add(rule, number); break;
    }
  }
}

std::vector<std::uint32_t> RuleIndex::candidates(const Question& question) const {
  Numbers all;
  if (!question.account.empty()) collect_group(accounts_, question.account, question, all);
  if (!question.from.empty()) collect_group(domains_, question.from, question, all);
  global_.collect(question, all);
  // A rule that names a domain and its parent is found twice.
  std::ranges::sort(all);
  const auto twice = std::ranges::unique(all);
  all.erase(twice.begin(), twice.end());
  return all;
}

void RuleIndex::Group::add(const RouteRule& rule, std::uint32_t number) {
  if (!rule.to.empty()) {
    for (const std::string& pattern : rule.to)
      by_to[pattern].push_back(number);
  } else if (!rule.from.empty()) {
    for (const std::string& pattern : rule.from)
      by_from[pattern].push_back(number);
  } else {
    rest.push_back(number);
  }
}

void RuleIndex::Group::collect(const Question& question, Numbers& out) const {
  collect_fitting(by_to, question.to, out);
  collect_fitting(by_from, question.from, out);
  out.insert(out.end(), rest.begin(), rest.end());
}

// a.example.com fits "a.example.com", ".a.example.com", ".example.com" and ".com".
void RuleIndex::collect_fitting(const ByName& names, std::string_view domain, Numbers& out) {
  if (names.empty() || domain.empty()) return;
  const auto collect = [&](std::string_view pattern) {
    const auto found = names.find(pattern);
    if (found != names.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  };
  collect(domain);
  const std::string dotted = "." + std::string(domain);
  for (std::size_t dot = 0; dot != std::string::npos; dot = dotted.find('.', dot + 1))
    collect(std::string_view(dotted).substr(dot));
}

void RuleIndex::collect_group(const Groups& groups, const std::string& key,
                              const Question& question, Numbers& out) {
  const auto found = groups.find(key);
  if (found != groups.end()) found->second.collect(question, out);
}

} // namespace waypost::route
