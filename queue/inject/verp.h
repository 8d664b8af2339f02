// VERP, variable envelope return paths: each recipient gets a message whose sender names it, so
// that a bounce says whom it is about. As Postfix's -XV.
#pragma once

#include "lib/mail/address.h"
#include "queue/inject/arguments.h"

namespace waypost::queue {

// owner@list.example and bob@example.org make owner+bob=example.org@list.example. An error: what
// comes of it is no address.
[[nodiscard]] Result<Address> verp_sender(const Address& sender, const Address& recipient,
                                          const VerpDelimiters& delimiters);

} // namespace waypost::queue
