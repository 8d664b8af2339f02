// waypost-qmgr: the queue manager. waypost-qmgr(8).
//
// Privilege: runs as wayqueue, or as the caller with WAYPOST_HOME. It owns the spool, opens no
// network connection, and knows no secret and no route. It starts nothing; its descriptors are
// waypost-start's (lib/mail/wiring.h). Users' names it may have to ask of the machine's services.
#include <csignal>
#include <malloc.h>
#include <sys/stat.h>

#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "queue/manager/service.h"

int main() {
  using namespace waypost;
  set_log_program("waypost-qmgr");
  ::signal(SIGPIPE, SIG_IGN);
  ::mallopt(M_ARENA_MAX, 1); // work threads wait for the disk, not for memory
  const Home home = find_home();
  ::umask(home.personal ? 077 : 007);
  confine(
      {.may = May::accept | May::threads | May::names, .read = {home.etc}, .write = {home.spool}});
  RealFs fs;
  const RealClock clock;
  queue::Service service(::uv_default_loop(), fs, clock, home);
  const Result<> started = service.start();
  if (!started) service.broken(started.error().text);
  ::uv_run(::uv_default_loop(), UV_RUN_DEFAULT);
  return 0;
}
