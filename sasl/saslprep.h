// SASLprep (RFC 4013): the one spelling under which names and passwords are compared.
//
// By GNU libidn, the library that GNU SASL itself uses: the profile is bound to Unicode 3.2 and to
// the tables of RFC 3454, which are 60 KB that nobody should write a second time. It leaves copies
// in the heap; so what is of printable ASCII alone, which the profile maps to itself, never gets
// there.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/sys/error.h"
#include "sasl/secret.h"

namespace waypost::sasl {

// RFC 3454 7: a query may hold code points that were unassigned in Unicode 3.2, what is stored may
// not. RFC 5802: names are queries (5.1), passwords are stored strings (2.2).
enum class Prepared : std::uint8_t { as_query, as_stored };

// An error when it is no UTF-8, holds what the profile prohibits, or nothing is left of it.
[[nodiscard]] Result<Secret> saslprep(std::string_view text, Prepared how);

} // namespace waypost::sasl
