// /etc/passwd read as text, for static programs: they must not ask the name service, which would
// load shared libraries. Users of a directory service are not found, and callers do without.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace waypost {

struct PasswdEntry {
  std::string name;
  uid_t uid = 0;
  std::string gecos;
};

// From a line of passwd(5); none when it is not one.
[[nodiscard]] std::optional<PasswdEntry> parse_passwd_line(std::string_view line);
[[nodiscard]] std::optional<PasswdEntry> find_passwd_uid(uid_t uid);
[[nodiscard]] std::optional<PasswdEntry> find_passwd_name(std::string_view name);

} // namespace waypost
