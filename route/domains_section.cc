#include "route/domains_section.h"

#include <algorithm>

#include "route/network_name.h"
#include "route/section.h"

namespace waypost::route {
namespace {

struct Found {
  SenderDomain domain;
  TableOrigin origin;
};

// Its keys; a table that holds rules alone has none.
Found read_one(const Entry& table, const std::string& name, Complaints& complaints) {
  Found found{{name, {}, {}}, {table.line, {}}};
  for (const Entry& entry : table.value.entries) {
    if (find_key(domain_keys(), entry.name) == nullptr) continue;
    take_key(domain_keys(), entry, found.domain, "[domain]", found.origin.keys, complaints);
  }
  return found;
}

} // namespace

std::vector<SenderDomain> read_domains(const Node& file, std::vector<TableOrigin>& origins,
                                       Complaints& complaints) {
  std::vector<Found> all;
  const Entry* const section = file.find("domain");
  if (section == nullptr) return {};
  for (const Entry& table : section->value.entries) {
    const Parsed<std::string> name = parse_domain(table.name);
    if (!name || table.value.kind != Node::Kind::table) continue;
    Found found = read_one(table, *name, complaints);
    const bool says = !found.domain.dkim_selectors.empty() || !found.domain.dkim_sign.empty();
    if (says) all.push_back(std::move(found));
  }
  std::ranges::sort(all, {}, [](const Found& one) -> const auto& { return one.domain.name; });
  std::vector<SenderDomain> domains;
  for (Found& one : all) {
    domains.push_back(std::move(one.domain));
    origins.push_back(std::move(one.origin));
  }
  return domains;
}

} // namespace waypost::route
