#include "route/accounts_section.h"

#include <algorithm>

#include "route/section.h"

namespace waypost::route {
namespace {

struct Found {
  SenderAccount account;
  TableOrigin origin;
};

} // namespace

std::vector<SenderAccount> read_accounts(const Node& file, std::vector<TableOrigin>& origins,
                                         Complaints& complaints) {
  std::vector<Found> all;
  const Entry* const section = file.find("account");
  if (section == nullptr) return {};
  for (const Entry& table : section->value.entries) {
    if (table.value.kind != Node::Kind::table) continue;
    Found found{{table.name, {}}, {table.line, {}}};
    for (const Entry& entry : table.value.entries) {
      if (find_key(account_keys(), entry.name) == nullptr) continue;
      take_key(account_keys(), entry, found.account, "[account]", found.origin.keys, complaints);
    }
    if (!found.account.from_rewrite.empty()) all.push_back(std::move(found));
  }
  std::ranges::sort(all, {}, [](const Found& one) -> const auto& { return one.account.name; });
  std::vector<SenderAccount> accounts;
  for (Found& one : all) {
    accounts.push_back(std::move(one.account));
    origins.push_back(std::move(one.origin));
  }
  return accounts;
}

} // namespace waypost::route
