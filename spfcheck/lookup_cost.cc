#include "spfcheck/lookup_cost.h"

#include "lib/sys/text.h"
#include "spfcheck/published.h"

namespace waypost::spfcheck {
namespace {

// A domain-spec without macros, as a name; "" where it has some.
std::string plain_name(const MacroString& spec) {
  std::string name;
  for (const MacroPart& part : spec.parts) {
    if (part.letter != 0) return {};
    name += part.literal;
  }
  if (name.ends_with('.')) name.pop_back();
  return ascii_lower(name);
}

struct Next {
  std::string domain;
  bool passes = false; // its pass is a pass here
};

// The terms of one record; what they lead to comes into `next`.
void count(const Record& record, bool passes, LookupCost& cost, std::vector<Next>& next) {
  bool all = false;
  for (const Mechanism& one : record.mechanisms) {
    cost.lookups += costs_lookup(one.kind) ? 1 : 0;
    all = all || one.kind == MechanismKind::all;
    if (all) break; // nothing behind it is looked at (5.1)
    if (one.kind != MechanismKind::include || !one.domain) continue;
    const std::string name = plain_name(*one.domain);
    if (!name.empty()) next.push_back({name, passes && one.qualifier == Qualifier::pass});
  }
  if (!record.redirect || all) return;
  ++cost.lookups;
  const std::string name = plain_name(record.redirect->value);
  if (!name.empty()) next.push_back({name, passes});
}

} // namespace

net::Task<LookupCost> lookup_cost(Resolver& resolver, std::string domain) {
  LookupCost cost;
  std::vector<Next> open{{domain, true}};
  while (!open.empty() && cost.lookups < kMostCounted) {
    const Next now = open.back();
    open.pop_back();
    const PublishedSpf found = co_await published_spf(resolver, now.domain);
    if (found.state == PublishedSpf::State::later && cost.unknown.empty()) cost.unknown = found.why;
    if (now.passes && now.domain != domain) cost.includes.push_back(now.domain);
    if (found.record) count(*found.record, now.passes, cost, open);
  }
  co_return cost;
}

} // namespace waypost::spfcheck
