// waypost-sender: the prepared process that forks a sender for each destination; waypost-sender(8).
//
// Privilege: runs as waysend (or as the caller, with WAYPOST_HOME). It has the socket to
// waypost-deliver and the log, opens no file but the CA bundle and client certificates that the
// configuration names, and cannot be traced or dumped from its first instruction on.

#include <fcntl.h>

#include "deliver/template.h"
#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"

int main() {
  using namespace waypost;
  if (!forbid_inspection()) return 111;
  set_log_program("waypost-sender");
  const bool alone = ::fcntl(wiring::kLifeline, F_GETFD) < 0; // started by hand, in a test
  deliver::Template prepared(Fd(wiring::kSpawner), alone ? -1 : wiring::kLifeline);
  const Result<> ended = prepared.run();
  if (ended) return 0;
  Log("stopped").add("error", ended.error().text).error();
  return 111;
}
