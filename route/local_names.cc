#include "route/local_names.h"

#include <algorithm>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/mail/idna.h"
#include "lib/mail/snapshot.h"
#include "lib/sys/home.h"

namespace waypost::route {

std::vector<std::string> own_names(std::string_view hostname) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name) {
    const Result<std::string> normal = normal_domain(name);
    if (normal && std::ranges::find(names, *normal) == names.end()) names.push_back(*normal);
  };
  add(hostname);
  add(system_hostname()); // /etc/mailname, where there is one
  struct utsname system{};
  if (::uname(&system) == 0) add(system.nodename);
  add("localhost");
  return names;
}

std::vector<std::string> readable_folders(const Home& home) {
  std::vector<std::string> all{home.etc, "/etc", "/home", "/opt", "/srv", "/usr/local", "/var/lib"};
  // A personal home includes what lies in it.
  if (home.personal) all.push_back(home.etc.substr(0, home.etc.rfind('/')));
  return all;
}

Result<std::optional<PasswdEntry>> find_local_user(std::string_view name) {
  Result<std::optional<PasswdEntry>> user = find_passwd_name(name);
  if (!user || !*user) return user;
  const uid_t uid = (*user)->uid;
  if (uid != 0 && uid != ::getuid() && find_home().personal) return std::nullopt;
  return user;
}

std::string default_alias_file() {
  const Home home = find_home();
  return home.personal ? home.etc + "/aliases" : "/etc/aliases";
}

} // namespace waypost::route
