// [[route]], [[domain."example.org".route]] and [[account.alice.route]].
#pragma once

#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/document.h"
#include "route/origins.h"

namespace waypost::route {

// All rules in the order in which they are tried: account, domain, global, each in the file's
// order. `origins` are theirs.
[[nodiscard]] std::vector<RouteRule> read_rules(const Node& file, std::string_view file_name,
                                                const std::vector<Transport>& transports,
                                                std::vector<TableOrigin>& origins,
                                                Complaints& complaints);

} // namespace waypost::route
