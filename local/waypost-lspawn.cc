// waypost-lspawn: starts the local deliveries. waypost-lspawn(8).
//
// Privilege: root, for the one reason that it becomes another user for each delivery; in a personal
// home the caller. Of root's capabilities it keeps those to change user and to end what it started.
// It takes jobs from the manager's socket alone, opens the snapshot, /etc/passwd and /etc/group,
// and executes one program, waypost-local, as somebody else.
#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include "lib/mail/wiring.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "local/lspawn.h"

int main() {
  using namespace waypost;
  set_log_program("waypost-lspawn");
  ::signal(SIGPIPE, SIG_IGN);
  const Home home = find_home();
  local::Machine machine;
  machine.personal = home.personal;
  machine.self = ::getuid();
  const char* const personal_home = std::getenv("WAYPOST_HOME");
  if (home.personal && personal_home != nullptr) machine.personal_home = personal_home;
  Result<> bound = forbid_inspection();
  if (bound && !home.personal) bound = local::keep_launching_capabilities();
  if (!bound) {
    Log("not_confined").add("error", bound.error().text).error();
    return 111;
  }
  local::Lspawn lspawn(
      Fd(wiring::kLocalManager), Fd(wiring::kLifeline), home.snapshot(),
      [] { return program_path("waypost-local"); }, std::move(machine));
  const Result<> ran = lspawn.run();
  if (ran) return 0;
  Log("failed").add("reason", ran.error().text).error();
  return 111;
}
