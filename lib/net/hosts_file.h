// The file /etc/hosts (hosts(5)): addresses that an administrator has given a name.
//
// For names out of the configuration only. Where a recipient's mail goes is never looked up here:
// RFC 5321 5.1 asks the DNS.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/net/ip.h"

namespace waypost::net {

inline constexpr const char* kHostsFile = "/etc/hosts";

// The addresses of `name`, in the file's order, without repetition; case does not matter. Empty
// when it is not there, or when the file cannot be read.
[[nodiscard]] std::vector<IpAddress> addresses_in_hosts_file(const std::string& path,
                                                             std::string_view name);

} // namespace waypost::net
