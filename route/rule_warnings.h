// Warnings of rules that decide nothing, or less than they seem to.
//
//  1. A rule is covered when all mail that it names is taken by rules before it: of the same list,
//     or for a global rule with `from` also of that sender's domain.
//  2. What a covered rule still does follows from how rules are tried (decision.h). A refusal for
//     good looks only at rules whose `after` names its class; a rule is passed over when its
//     transport has refused. So a covered rule may be left with the mail that the transport of the
//     rule before it has refused, or with refusals for good alone. Each of these is said; a chain
//     of rules with `after` that lead to one transport behind the other is what somebody meant.
//  3. An attempt beyond the last one, and a sender's domain that the table is not for, never fit.
#pragma once

#include <vector>

#include "lib/mail/snapshot.h"
#include "route/complaints.h"
#include "route/origins.h"

namespace waypost::route {

void warn_of_rules(const Snapshot& snapshot, const std::vector<TableOrigin>& origins,
                   Complaints& warnings);

} // namespace waypost::route
