// The tables [account.NAME]: what is said of an account beside its rules.
#pragma once

#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"
#include "route/document.h"
#include "route/origins.h"

namespace waypost::route {

// By name; those only that have something to say. rules_section.h complains of what is no key.
[[nodiscard]] std::vector<SenderAccount>
read_accounts(const Node& file, std::vector<TableOrigin>& origins, Complaints& complaints);

} // namespace waypost::route
