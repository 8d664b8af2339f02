// The dialogue: a session over descriptors, with its deadlines. Returns when either side has ended
// it; the descriptors stay open.
#pragma once

#include "lib/sys/clock.h"
#include "smtpd/session.h"

namespace waypost::smtpd {

struct Wires {
  int in = 0;
  int out = 1;
  int closing = -1; // readable, or at its end, when the service ends; -1: it never does
};

// SIGPIPE must be ignored.
void converse(Session& session, const Wires& wires, const Clock& clock);

} // namespace waypost::smtpd
