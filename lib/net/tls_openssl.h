// The entry of the TLS implementation, by which net/tls.cc finds it: linked into the program (as in
// tests) or in the module waypost-tls.so.
#pragma once

#include "lib/net/tls.h"

// A context that the caller owns; null, and why, when it cannot be made.
extern "C" waypost::net::TlsContext* waypost_open_tls(const waypost::net::TlsTrust& trust,
                                                      waypost::Error& why);
