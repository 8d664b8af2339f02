// xtext: how ENVID and ORCPT travel in SMTP commands (RFC 3461 4): printable ASCII without space,
// "+" and "=", any other byte as "+HH".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waypost {

[[nodiscard]] std::string encode_xtext(std::string_view text);
// What it stands for; none when it is no xtext.
[[nodiscard]] std::optional<std::string> decode_xtext(std::string_view xtext);

// An ORCPT's parameter, "rfc822;bob@example.net": a type and an address that is not empty. Both in
// xtext; for the type utf-8 in the ASCII form of RFC 6533 3, which is xtext without "+".
[[nodiscard]] bool valid_orcpt(std::string_view text);

} // namespace waypost
