// waypost-change: hold, release, kick, drop, bounce and requeue, by the name that it is called.
// waypost-hold(1) and so on.
//
// Privileges: the caller's. The queue manager decides what the caller may change; with none running
// the spool's owner may change all.
#include "lib/sys/log.h"
#include "lib/sys/text.h"
#include "queue/commands/ask.h"
#include "queue/commands/change_command.h"

int main(int argc, char** argv) {
  using namespace waypost::queue;
  waypost::set_log_program("waypost-change");
  constexpr std::string_view kPrefix = "waypost-";
  std::string_view called = argc > 0 ? argv[0] : "";
  called = called.substr(called.rfind('/') + 1);
  if (called.starts_with(kPrefix)) called.remove_prefix(kPrefix.size());
  const auto verb = parse_verb(called);
  if (verb) return run_change(*verb, argc, argv);
  return finish_badly("waypost-change",
                      "called as '" + waypost::printable(called) +
                          "'; its names are hold, release, kick, drop, bounce and requeue",
                      kPermanent);
}
