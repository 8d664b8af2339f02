// [domain."example.org"]: what is known of a sender's domain beside its rules.
#pragma once

#include <vector>

#include "lib/mail/snapshot.h"
#include "route/document.h"
#include "route/origins.h"

namespace waypost::route {

// The domains that have something to say, by name. `origins` are theirs. What is wrong with a
// domain's name, and keys that are none, is told by read_rules(), which reads the same tables.
[[nodiscard]] std::vector<SenderDomain>
read_domains(const Node& file, std::vector<TableOrigin>& origins, Complaints& complaints);

} // namespace waypost::route
