// The organizational domain (RFC 7489 3.2): the label below the public suffix and the suffix, as in
// example.co.uk of mail.example.co.uk.
//
// By the public suffix list that libpsl carries or the system keeps up to date; this .cc alone
// knows the library. A suffix that the list does not know is its last label.
#pragma once

#include <string>
#include <string_view>

namespace waypost::spfcheck {

// `domain` in normal form. A public suffix itself, or a single label, is its own.
[[nodiscard]] std::string organizational_domain(std::string_view domain);

} // namespace waypost::spfcheck
