// Who calls sendmail, for the look of the addresses that it completes. The account that a message
// counts for is the kernel's to say (waypost-queue), never this.
#pragma once

#include <string>

namespace waypost::queue {

struct CallingUser {
  std::string login;
  std::string full_name;
};

// As /etc/passwd knows the caller's uid, else as the login shell says, else "uidN".
[[nodiscard]] CallingUser calling_user();

} // namespace waypost::queue
