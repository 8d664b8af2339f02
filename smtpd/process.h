// What the processes of waypost-smtpd have in common: how they begin and how they end.
#pragma once

#include <sys/types.h>

#include "lib/sys/error.h"
#include "lib/sys/fd.h"
#include "lib/sys/home.h"
#include "smtpd/gate.h"
#include "smtpd/options.h"
#include "smtpd/session.h"

namespace waypost::smtpd {

inline constexpr int kPermanent = 100;
inline constexpr int kTemporary = 111;

// With a line in the log.
[[noreturn]] void leave(int status, const Error& why);
// /dev/null in its place.
void silence(int fd);
// From here on this process does not outlive its parent.
void end_with(pid_t parent);

// The sockets between the half that talks and the gate.
struct Pair {
  Fd talker;
  Fd gate;
};
[[nodiscard]] Pair make_pair();

// The gate until nobody is left who could ask; its exit status.
[[nodiscard]] int keep_gate(int requests, const Home& home, const Options& options);

// Read from the snapshot at each connection, so that a reload needs to tell nobody.
[[nodiscard]] Policy policy_for(const Home& home, const Options& options);

// The dialogue over standard input and output, when the process has nothing but its descriptors.
// `closing`: see Wires.
void talk(const Policy& policy, const Client& client, int requests, int closing = -1);

} // namespace waypost::smtpd
