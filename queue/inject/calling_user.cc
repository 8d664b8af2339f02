#include "queue/inject/calling_user.h"

#include <cstdlib>

#include "lib/mail/address.h"
#include "lib/sys/passwd.h"
#include "lib/sys/privilege.h"
#include "queue/inject/header_completion.h"

namespace waypost::queue {

CallingUser calling_user() {
  const auto entry = find_passwd_uid(caller_uid());
  if (entry && *entry) return {(*entry)->name, gecos_name((*entry)->gecos, (*entry)->name)};
  // A directory service's user: the login shell has said who it is. The queue stores the uid
  // itself, so nothing but the look of the address depends on it.
  const char* logname = std::getenv("LOGNAME");
  if (logname != nullptr) {
    const auto address = Address::parse(logname);
    if (address && !address->null() && address->domain().empty()) return {logname, ""};
  }
  return {"uid" + std::to_string(caller_uid()), ""};
}

} // namespace waypost::queue
