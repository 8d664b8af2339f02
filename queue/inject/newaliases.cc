#include "queue/inject/newaliases.h"

#include <sysexits.h>

namespace waypost::queue {

// Packages call it after every change of /etc/aliases and take a failure for a broken system.
int rebuild_aliases() {
  return EX_OK;
}

} // namespace waypost::queue
