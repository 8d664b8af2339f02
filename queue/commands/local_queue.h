// The queue as the commands read it when no manager is running: they take spool/lock, so that none
// starts meanwhile, and answer the same records from the same files (queue/manager/message_view.h).
// What they change comes into the files as the manager would write it
// (queue/spool/message_change.h).
#pragma once

#include "lib/sys/clock.h"
#include "lib/sys/fs.h"
#include "lib/sys/home.h"
#include "queue/commands/control_client.h"

namespace waypost::queue {

// As root on an installed system: becomes the user that owns the spool, with the group of new/, so
// that whatever is made there belongs to it. Otherwise nothing.
[[nodiscard]] Result<> become_spool_owner(const Home& home);

// May this process read the spool itself: it is the caller's own, or belongs to its user?
[[nodiscard]] bool may_read_spool(const Home& home);

struct SpoolRequest {
  Record record;
  uid_t by = 0;                   // who gave the command
  Interrupt* interrupt = nullptr; // may end a change early
};
[[nodiscard]] Result<Ending> ask_spool(Fs& fs, const Clock& clock, const Home& home,
                                       const SpoolRequest& request, const OnAnswer& on_answer);

} // namespace waypost::queue
