// Accounts: who each program of the tree runs as.
//
// Installed: users of their own, made by `make install-system`. In a personal home: the caller, and
// nothing is looked up or changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/error.h"
#include "lib/sys/privilege.h"

namespace waypost::start {

struct Accounts {
  Identity queue;   // wayqueue, with the supplementary group waydrop
  Identity route;   // wayroute
  Identity bounce;  // waybounce
  Identity deliver; // waydeliver
  Identity send;    // waysend
  Identity sasl;    // waysasl
  Identity dkim;    // waydkim
  Identity accept;  // wayaccept, in the group waydrop, which what it creates belongs to
  gid_t drop = 0;   // waydrop
};

// An error names the user or group that is missing.
[[nodiscard]] Result<Accounts> find_accounts();

} // namespace waypost::start
