// RuleIndex: which rules can match a question at all, found without looking at the others.
//
// Rules are found by account, or by the sender's domain, and within these by the domains that they
// name: ten thousand rules for ten thousand domains cost a few look-ups a question. What comes out
// is in the order in which rules are tried, and still has to be matched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/question.h"

namespace waypost::route {

class RuleIndex {
public:
  RuleIndex() = default;
  explicit RuleIndex(const std::vector<RouteRule>& rules);

  // Numbers of rules, ascending.
  [[nodiscard]] std::vector<std::uint32_t> candidates(const Question& question) const;

private:
  using Numbers = std::vector<std::uint32_t>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using ByName = std::unordered_map<std::string, Numbers, Hash, std::equal_to<>>;

  // The rules of one account, of one sender's domain, or the global ones.
  struct Group {
    ByName by_to;   // rules that name recipients' domains, by each pattern
    ByName by_from; // rules that name only senders' domains
    Numbers rest;   // rules that name neither
    void add(const RouteRule& rule, std::uint32_t number);
    void collect(const Question& question, Numbers& out) const;
  };
  using Groups = std::unordered_map<std::string, Group, Hash, std::equal_to<>>;

  static void collect_fitting(const ByName& names, std::string_view domain, Numbers& out);
  static void collect_group(const Groups& groups, const std::string& key, const Question& question,
                            Numbers& out);

  Groups accounts_;
  Groups domains_;
  Group global_;
};

} // namespace waypost::route
