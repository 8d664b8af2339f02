// The service: waypost-smtpd takes the connections itself. No program is executed for one.
//
// Three kinds of processes: the doorkeeper, which everything is a child of and which forks for each
// connection; the forks, which talk and have nothing but their descriptors; and one gate for all.
#pragma once

#include <vector>

#include "smtpd/process.h"

namespace waypost::smtpd {

// Until SIGTERM. Returns the exit status. Root becomes waysmtpd first.
[[nodiscard]] int serve_many(const Home& home, const Options& options, std::vector<Fd> listeners);

} // namespace waypost::smtpd
