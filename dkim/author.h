// The domain in whose name a message is written: that of its From field. DMARC (RFC 7489 3.1) asks
// for a signature of this domain, or of one above it of the same organisation.
#pragma once

#include <string>

#include "dkim/header.h"
#include "lib/sys/error.h"

namespace waypost::dkim {

// In normal form. An error says why there is none: no From, an address that is none, a literal, or
// addresses of more than one domain.
[[nodiscard]] Result<std::string> author_domain(const Header& header);

} // namespace waypost::dkim
