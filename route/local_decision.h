// What becomes of mail to this machine's own domains.
//
// 1. A domain that `local_domains` names: the alias file first, root's and postmaster's mail to
//    `root_to` where no alias says more. What an alias leads to is decided anew: elsewhere by the
//    rules for its domain, here as follows.
// 2. Rules that name the domain in their `to` hold for it; rules for all mail do not, so that a
//    smarthost for everything leaves root's mail here. Else the transport "local".
// 3. A local transport delivers to a user of this machine, unless it names a user of its own: then
//    any name goes to it. Names are looked up without their detail (user+detail).
// Nobody by that name: refused, with what could be done about it.
#pragma once

#include "route/decision.h"

namespace waypost::route {

// The rules for mail that leaves, and the above.
[[nodiscard]] Decision decide_for_recipient(const Routes& routes, const Question& question);

// `domain` as it stands in an address; "" is a bare local part's.
[[nodiscard]] bool is_local_domain(const Settings& settings, std::string_view domain);

} // namespace waypost::route
