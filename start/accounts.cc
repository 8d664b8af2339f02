#include "start/accounts.h"

#include <grp.h>
#include <pwd.h>

namespace waypost::start {
namespace {

std::unexpected<Error> missing(std::string_view kind, const char* name) {
  return fail(std::string(kind) + " " + name + " does not exist: run `make install-system`");
}

Result<Identity> find_user(const char* name) {
  const passwd* entry = ::getpwnam(name);
  if (entry == nullptr) return missing("user", name);
  if (entry->pw_uid == 0) return fail(std::string("user ") + name + " must not be root");
  return Identity{entry->pw_uid, entry->pw_gid, {}};
}

} // namespace

Result<Accounts> find_accounts() {
  Accounts accounts;
  const group* drop = ::getgrnam("waydrop");
  if (drop == nullptr) return missing("group", "waydrop");
  accounts.drop = drop->gr_gid;
  struct Wanted {
    const char* name;
    Identity& identity;
  };
  for (const Wanted& wanted :
       {Wanted{"wayqueue", accounts.queue}, Wanted{"wayroute", accounts.route},
        Wanted{"waybounce", accounts.bounce}, Wanted{"waydeliver", accounts.deliver},
        Wanted{"waysend", accounts.send}, Wanted{"waysasl", accounts.sasl},
        Wanted{"waydkim", accounts.dkim}, Wanted{"wayaccept", accounts.accept}}) {
    const Result<Identity> found = find_user(wanted.name);
    if (!found) return std::unexpected(found.error());
    wanted.identity = *found;
  }
  accounts.queue.groups = {accounts.drop};
  accounts.accept.gid = accounts.drop;
  return accounts;
}

} // namespace waypost::start
