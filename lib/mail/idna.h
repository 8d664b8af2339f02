// IDNA 2008 (RFC 5891): a domain in the one form in which domains are compared, looked up and
// grouped.
//
// Links libidn2; only programs that call it do. Domains are stored as given, and normalised in the
// manager and in route.
#pragma once

#include <string>
#include <string_view>

#include "lib/sys/error.h"

namespace waypost {

// Lower case, A-labels (UTS #46 non-transitional), no trailing dot; an address literal in lower
// case, IPv6 as RFC 5952 writes it. "Bücher.example" becomes "xn--bcher-kva.example". An error when
// no A-label form exists. Its own normal form: normal_domain of the answer is the answer.
[[nodiscard]] Result<std::string> normal_domain(std::string_view domain);

} // namespace waypost
