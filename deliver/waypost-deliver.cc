// waypost-deliver: starts and feeds the senders; waypost-deliver(8).
//
// Privilege: runs as waydeliver (or as the caller, with WAYPOST_HOME). It has the sockets to
// waypost-qmgr, waypost-sender and waypost-sasl, the lifeline and the log, reads the snapshot, and
// passes messages on as descriptors without reading them. No spool, no secret, no network; not
// dumpable from its first instruction on: it is installed unreadable, and says so itself first of
// all.

#include <csignal>

#include "deliver/spawner.h"
#include "lib/mail/wiring.h"
#include "lib/net/lifeline.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"

int main() {
  using namespace waypost;
  if (!forbid_inspection()) return 111;
  ::signal(SIGPIPE, SIG_IGN);
  set_log_program("waypost-deliver");
  const Home home = find_home();
  confine({.read = {home.etc}});
  net::Loop loop;
  const net::Lifeline lifeline(loop, wiring::kLifeline);
  const deliver::Spawner spawner(loop, Fd(wiring::kManager), Fd(wiring::kTemplate),
                                 Fd(wiring::kOracle), home.snapshot());
  loop.run();
  return 0;
}
