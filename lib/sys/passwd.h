// /etc/passwd and /etc/group read as text, for static programs: they must not ask the name service,
// which would load shared libraries. Users of a directory service are not found, and callers do
// without. A file that cannot be read this time is an error: nobody is unknown for that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

struct PasswdEntry {
  std::string name;
  uid_t uid = 0;
  std::string gecos;
  gid_t gid = 0;
  std::string home;
  std::string shell;
};

// From a line of passwd(5); none when it is not one.
[[nodiscard]] std::optional<PasswdEntry> parse_passwd_line(std::string_view line);
[[nodiscard]] Result<std::optional<PasswdEntry>> find_passwd_uid(uid_t uid);
[[nodiscard]] Result<std::optional<PasswdEntry>> find_passwd_name(std::string_view name);

// From /etc/group: the group of that name, and the groups that name `user` as a member.
[[nodiscard]] Result<std::optional<gid_t>> find_group(std::string_view name);
[[nodiscard]] Result<std::vector<gid_t>> groups_of(std::string_view user);

} // namespace waypost
