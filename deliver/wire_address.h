// An address as it stands between the angle brackets of MAIL and RCPT.
//
// Stored as it was given, it leaves in the form of RFC 5321 4.1.2: a local part that is no dot-atom
// (a..b, a,b) in quotes, the domain without a dot at its end. For a server without SMTPUTF8 the
// domain has A-labels, which need no extension (RFC 6531 3.2).
#pragma once

#include <optional>
#include <string>

#include "lib/mail/address.h"

namespace waypost::deliver {

// None: only SMTPUTF8 would do. The null address is "".
[[nodiscard]] std::optional<std::string> wire_address(const Address& address, bool smtputf8);

} // namespace waypost::deliver
