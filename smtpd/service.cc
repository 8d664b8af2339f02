#include "smtpd/service.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <unistd.h>

#include "lib/sys/passwd.h"
#include "lib/sys/pipe.h"
#include "lib/sys/prepared_confinement.h"
#include "lib/sys/privilege.h"
#include "smtpd/doorkeeper.h"
#include "smtpd/listeners.h"

namespace waypost::smtpd {
namespace {

// The one moment when we may be root was that of listening at port 25.
void become_waysmtpd(const Home& home) {
  if (::geteuid() != 0 || home.personal) return;
  const auto user = find_passwd_name("waysmtpd");
  if (!user) leave(kTemporary, user.error());
  if (!*user) leave(kPermanent, {0, "there is no user waysmtpd"});
  const Result<> became = become({(*user)->uid, (*user)->gid, {}});
  if (!became) leave(kPermanent, became.error());
}

pid_t start_gate(const Home& home, const Options& options, Pair& pair, std::vector<Fd>& listeners) {
  const pid_t gate = ::fork();
  if (gate < 0) leave(kTemporary, fail_errno("fork").error());
  if (gate == 0) {
    listeners.clear();
    pair.talker.reset();
    ::_exit(keep_gate(pair.gate.get(), home, options));
  }
  pair.gate.reset();
  return gate;
}

// What a fork gives up beside what the doorkeeper did.
PreparedConfinement prepare(const Promises& held) {
  auto made = PreparedConfinement::make({}, held, probe_kernel());
  if (!made) leave(kTemporary, made.error());
  return std::move(*made);
}

bool close_between(int first, int last) {
  return first > last ||
         ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0) == 0;
}

// All but the standard ones and these two.
bool close_others(int one, int other) {
  const auto [low, high] = std::minmax(one, other);
  return close_between(STDERR_FILENO + 1, low - 1) && close_between(low + 1, high - 1) &&
         close_between(high + 1, INT_MAX);
}

// In a fork of the doorkeeper.
void serve_connection(const Policy& policy, const PreparedConfinement& confinement, Fd connection,
                      int requests, int closing) {
  const bool stands = confinement.put_on() && ::dup2(connection.get(), STDIN_FILENO) >= 0 &&
                      ::dup2(connection.get(), STDOUT_FILENO) >= 0;
  connection.reset();
  if (!stands || !close_others(requests, closing)) ::_exit(kTemporary);
  talk(policy, find_client(STDIN_FILENO, false), requests, closing);
}

} // namespace

int serve_many(const Home& home, const Options& options, std::vector<Fd> listeners) {
  become_waysmtpd(home);
  if (is_listener(STDERR_FILENO)) silence(STDERR_FILENO); // inetd, with wait
  silence(STDIN_FILENO);
  silence(STDOUT_FILENO);
  ::unsetenv("TCPREMOTEIP"); // which could be said of one client only
  ::unsetenv("TCPREMOTEHOST");
  Pair pair = make_pair();
  const pid_t self = ::getpid();
  const pid_t gate = start_gate(home, options, pair, listeners);
  Result<Pipe> going = open_pipe(); // behind the gate's fork, which must not hold it open
  if (!going) leave(kTemporary, going.error());
  const Promises held{.may = May::accept | May::fork,
                      .read = {home.etc, "/etc/mailname", "/etc/passwd"}};
  confine(held, kTemporary);
  const PreparedConfinement confinement = prepare(held);
  const auto serve = [&](Fd connection) {
    end_with(self);
    serve_connection(policy_for(home, options), confinement, std::move(connection),
                     pair.talker.get(), going->read.get());
  };
  const RealClock clock;
  Doorkeeper keeper({std::move(listeners), std::move(going->write), gate, options.connections},
                    serve, clock);
  const Result<> kept = keeper.run();
  if (!kept) leave(kTemporary, kept.error());
  return 0;
}

} // namespace waypost::smtpd
