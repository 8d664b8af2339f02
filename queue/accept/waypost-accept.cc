// waypost-accept: takes messages over a socket, where set-group-id bits have no effect.
// waypost-accept(8).
//
// Privilege: runs as wayaccept in the group waydrop, which may create names in spool/new and
// nothing else; or as the caller, with WAYPOST_HOME. waypost-start starts it when somebody knocks.
// Callers are hostile. Each is served by a process of its own, which can neither take connections
// nor fork any more, and takes messages by the code of waypost-queue.

#include <csignal>
#include <new>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mail/wiring.h"
#include "lib/sys/confine.h"
#include "lib/sys/log.h"
#include "lib/sys/prepared_confinement.h"
#include "queue/accept/handovers.h"
#include "queue/accept/reception.h"
#include "queue/accept/request_of.h"

namespace {

using namespace waypost;
using queue::QueueExit;
using queue::Refusal;

constexpr int kTemporary = 111;
// A caller that sends a byte now and then would have the place for ever. waypost-queue's limit.
constexpr unsigned kLongestSeconds = 86'400;

Promises promises(const Home& home, May may) {
  return {.may = may,
          .read = queue::read_for_accept(home),
          .write = {home.spool + "/new", home.spool + "/tmp"}};
}

std::expected<MessageId, Refusal> take(const Home& home, uid_t caller, queue::Intake& intake) {
  ::alarm(kLongestSeconds);
  const Result<queue::AcceptRequest> request = queue::request_of(home, caller);
  if (!request) return std::unexpected(Refusal{QueueExit::internal, request.error().text});
  RealFs fs;
  return queue::accept_message(fs, *request, intake);
}

// What a fork gives up beside what all of us did: connections, and forks of its own. The files are
// the same.
PreparedConfinement prepare(const Home& home, const Promises& held) {
  auto made = PreparedConfinement::make(promises(home, May::nothing), held,
                                        {.landlock = 0, .seccomp = probe_kernel().seccomp});
  if (made) return std::move(*made);
  Log("not_confined").add("error", made.error().text).error();
  ::_exit(kTemporary);
}

// Zero is said behind both syncs.
void serve(const Home& home, const PreparedConfinement& confinement, int connection, uid_t caller) {
  if (!confinement.put_on()) ::_exit(kTemporary);
  ::prctl(PR_SET_NAME, "waypost-message"); // so that ps(1) tells them apart
  queue::Handovers handovers(connection, {wiring::kLifeline},
                             [&](queue::Intake& intake) { return take(home, caller, intake); });
  handovers.serve();
}

} // namespace

int main() {
  set_log_program("waypost-accept");
  std::set_new_handler([] { ::_exit(kTemporary); });
  const Home home = find_home();
  ::umask(0);
  const Promises held = promises(home, May::accept | May::fork);
  confine(held, kTemporary);
  const PreparedConfinement confinement = prepare(home, held);
  queue::Reception reception(
      {wiring::kHandovers, wiring::kLifeline},
      [&](int connection, uid_t caller) { serve(home, confinement, connection, caller); });
  const Result<> ran = reception.run();
  if (ran) return 0;
  Log("stopped").add("error", ran.error().text).error();
  return kTemporary;
}
