// What is this machine's own where the file does not say it: its names, and its alias file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/home.h"
#include "lib/sys/passwd.h"

namespace waypost::route {

// The names that mail to this machine may have, in normal form: `hostname`, the system's own,
// /etc/mailname, and localhost.
[[nodiscard]] std::vector<std::string> own_names(std::string_view hostname);

// What the route program may read beside the snapshot: the alias file, which may be replaced at any
// time, /etc/passwd, and lists that aliases include. No folder of /proc, /run or the spool.
[[nodiscard]] std::vector<std::string> readable_folders(const Home& home);

// A user whose mail may end here: any of /etc/passwd; in a personal home its owner, and root, whose
// mail is nobody's.
[[nodiscard]] Result<std::optional<PasswdEntry>> find_local_user(std::string_view name);

// /etc/aliases; in a personal home the file beside waypost.toml.
[[nodiscard]] std::string default_alias_file();

} // namespace waypost::route
