// Who can put right a transport that is held back as a whole, and where to look: one sentence for a
// person, in the log and in `waypost list --transports`.
#pragma once

#include <string>

#include "lib/mail/snapshot.h"

namespace waypost::deliver {

[[nodiscard]] std::string who_must_act(const Transport& transport, FailureClass klass);
// Likewise, and tells a login that was refused from one that did not come about.
[[nodiscard]] std::string who_must_act(const Transport& transport, const Outcome& why);

} // namespace waypost::deliver
