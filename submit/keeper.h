// Keeper: the process that holds the password, apart from the one that talks with the server: that
// one sees a signature or a keyed digest, and the password only where PLAIN or LOGIN must show it.
//
// A fork of waypost-submit's, as the oracle is a process of its own in the tree: it reads the
// password, says so, and answers the login's queries on a socket (lib/mail/login.h) until that is
// closed. It has no network. With a credential of the sealed store the oracle itself, waypost-sasl,
// is started in its place (OwnOracle).
#pragma once

#include "lib/mail/login.h"
#include "lib/sys/fd.h"
#include "submit/password.h"

namespace waypost::submit {

// The socket for an OracleLine, when the password is there. An error: it could not be had. Waits
// for it, without a loop.
[[nodiscard]] Result<Fd> start_keeper(const LoginScope& scope, const PasswordSource& source);

} // namespace waypost::submit
