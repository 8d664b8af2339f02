// Warnings: what a configuration says rightly and can hardly mean. Mail goes by it all the same.
//
// Rules that can never match or seldom decide (rule_warnings.h), attempts that never come,
// transports that nothing uses, and a retry that gives up too early.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"
#include "route/origins.h"

namespace waypost::route {

// Sorted by line.
[[nodiscard]] std::vector<Complaint> warnings_of(const Snapshot& snapshot, const Origins& origins);

// The names of the transports by which mail may go without being kicked there; views into
// `snapshot`. Those that are built in are among them.
[[nodiscard]] std::set<std::string_view> used_transports(const Snapshot& snapshot);

// The number of a message's last attempt: the first at which it is so old that it bounces when it
// is put off. Somebody who kicks it makes more of them.
[[nodiscard]] std::uint64_t last_attempt(const Settings& settings);

} // namespace waypost::route
