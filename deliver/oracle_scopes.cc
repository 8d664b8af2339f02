#include "deliver/oracle_scopes.h"

#include <sys/socket.h>

#include "lib/mail/login.h"

namespace waypost::deliver {

OracleScopes::OracleScopes(net::Loop& loop, Fd socket)
    : channel_(loop.uv(), std::move(socket), Fd(), kMaxLoginFrame, *this) {}

Result<Fd> OracleScopes::line_for(const Transport& transport) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    return fail_errno("socketpair");
  channel_.send(to_record(scope_of(transport)), {}, Fd(pair[0]));
  return Fd(pair[1]);
}

} // namespace waypost::deliver
