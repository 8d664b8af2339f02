// waypost-bounce: renders delivery status notifications. waypost-bounce(8). With arguments it is
// the command of that name and becomes waypost-change, which holds all of it. waypost-bounce(1).
//
// Privileges: user waybounce. A filter between two pipes: it opens no file and no socket, and after
// its first lines it cannot.
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/mail/wiring.h"
#include "lib/sys/confine.h"
#include "lib/sys/home.h"
#include "lib/sys/log.h"
#include "queue/bounce/filter.h"

namespace {

void give_up_what_is_not_needed() {
#ifndef __SANITIZE_ADDRESS__ // whose checks make pipes, and a child
  constexpr rlim_t kDescriptors = waypost::wiring::kLifeline + 1; // those that it was given
  const rlimit none{kDescriptors, kDescriptors};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const rlimit no_children{0, 0};
  ::setrlimit(RLIMIT_NPROC, &no_children);
#endif
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 1) ::execv(waypost::program_path("waypost-change").c_str(), argv);
  if (argc > 1) return 111;
  waypost::set_log_program("waypost-bounce");
  ::signal(SIGPIPE, SIG_IGN); // a reader that has gone is an error of write
  waypost::confine({});
  give_up_what_is_not_needed();
  const auto done = waypost::queue::run_bounce_filter(0, 1, waypost::wiring::kLifeline);
  if (done) return 0;
  waypost::Log("bounce-ends").add("why", done.error().text).error();
  return 111;
}
