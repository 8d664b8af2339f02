// waypost-sender: the prepared process that forks a sender for each destination; waypost-sender(8).
//
// Privilege: runs as waysend (or as the caller, with WAYPOST_HOME). It has the socket to
// waypost-deliver and the log, and cannot be traced or dumped from its first instruction on: it is
// installed unreadable, and says so itself first of all. Its forks open no file but the CA bundle,
// the client certificate of their transport and what names are looked up by (confinement.cc).

#include <fcntl.h>

#include "deliver/confinement.h"
#include "deliver/template.h"
#include "lib/mail/wiring.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"

int main() {
  using namespace waypost;
  if (!forbid_inspection()) return 111;
  set_log_program("waypost-sender");
  const Promises promises = deliver::promises_of_template();
  confine(promises);
  const bool alone = ::fcntl(wiring::kLifeline, F_GETFD) < 0; // started by hand, in a test
  deliver::Template prepared(Fd(wiring::kSpawner), alone ? -1 : wiring::kLifeline, promises);
  const Result<> ended = prepared.run();
  if (ended) return 0;
  Log("stopped").add("error", ended.error().text).error();
  return 111;
}
