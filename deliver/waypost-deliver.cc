// waypost-deliver: starts and feeds the senders; waypost-deliver(8).
//
// Privilege: runs as waydeliver (or as the caller, with WAYPOST_HOME). It has the sockets to
// waypost-qmgr and waypost-sender, the lifeline and the log, reads the snapshot, and passes
// messages on as descriptors without reading them. No spool, no secret, no network; not dumpable.

#include <csignal>
#include <sys/prctl.h>

#include "deliver/spawner.h"
#include "lib/mail/wiring.h"
#include "lib/net/lifeline.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"

int main() {
  ::prctl(PR_SET_DUMPABLE, 0);
  ::signal(SIGPIPE, SIG_IGN);
  using namespace waypost;
  set_log_program("waypost-deliver");
  net::Loop loop;
  const net::Lifeline lifeline(loop, wiring::kLifeline);
  const deliver::Spawner spawner(loop, Fd(wiring::kManager), Fd(wiring::kTemplate),
                                 find_home().snapshot());
  loop.run();
  return 0;
}
