// UCSPI-1996, the client's side: how the program that is started finds its connection.
//
// Descriptors 6 and 7 are the connection, to read from and to write to; variables of the
// environment describe it as its two ends see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/sys/fd.h"
#include "socks/socks5.h"

namespace waypost::socks {

// A variable and its value; an empty one is taken out of the environment.
using Variables = std::vector<std::pair<const char*, std::string>>;

// `bound`: where the destination sees us. Where the proxy does not say that by an address, `local`
// takes its place: our own end of the connection to the proxy.
[[nodiscard]] Variables variables_of(const Endpoint& destination, const Endpoint& bound,
                                     const Endpoint& local);

// Our end of a connected socket.
[[nodiscard]] Endpoint local_end(int fd);

// Sets the variables and the descriptors and becomes the program, which is found in PATH. Returns
// only with an error.
[[nodiscard]] Error become_program(Fd connection, const Variables& variables, char** program);

} // namespace waypost::socks
