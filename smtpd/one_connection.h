// One connection, as a UCSPI server, inetd or sendmail -bs gives it: standard input and output.
#pragma once

#include "smtpd/process.h"

namespace waypost::smtpd {

// The gate, and a fork that talks. Returns the exit status.
[[nodiscard]] int serve_one(const Home& home, const Options& options);

} // namespace waypost::smtpd
