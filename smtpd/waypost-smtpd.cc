// waypost-smtpd: takes mail by SMTP: one connection on standard input and output, or all that come
// to listening sockets. waypost-smtpd(8).
//
// Privilege: waysmtpd where it is a service, its caller under sendmail -bs; never root's, unless
// root calls. Clients are hostile. Who talks with them has nothing but descriptors: no file, no
// program, no socket to make. The gate, which may do more, reads a byte a message.

#include <csignal>
#include <new>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/privilege.h"
#include "smtpd/listeners.h"
#include "smtpd/one_connection.h"
#include "smtpd/service.h"

namespace {

using namespace waypost;
using namespace waypost::smtpd;

void set_signal(int number, void (*action)(int)) {
  struct sigaction to{};
  to.sa_handler = action;
  ::sigaction(number, &to, nullptr);
}

int serve(const Options& options) {
  const Home home = find_home();
  Result<std::vector<Fd>> listeners = find_listeners(options.listen);
  if (!listeners) leave(kTemporary, listeners.error());
  if (listeners->empty()) return serve_one(home, options);
  if (options.caller) leave(kPermanent, {0, "--caller is one client, not a socket that listens"});
  return serve_many(home, options, std::move(*listeners));
}

} // namespace

int main(int count, char** values) {
  set_log_program("waypost-smtpd");
  std::set_new_handler([] { ::_exit(kTemporary); });
  const std::span<const char* const> all(values, static_cast<std::size_t>(count));
  const auto fds = open_standard_fds();
  if (!fds) leave(kTemporary, fds.error());
  if (!fds->in || !fds->out) leave(kPermanent, {0, "standard input or output is closed"});
  const Result<Options> options = parse_options(all.subspan(all.empty() ? 0 : 1));
  if (!options) leave(kPermanent, options.error());
  set_signal(SIGCHLD, SIG_DFL); // the caller may have ignored it
  set_signal(SIGPIPE, SIG_IGN);
  ::_exit(serve(*options));
}
