// Names of machines and domains as waypost.toml writes them: checked, and brought into the one form
// in which the snapshot keeps them.
//
// Domains become lower case with A-labels; addresses are kept as inet_ntop(3) writes them. Each
// function says in its error what is wrong with the text.
#pragma once

#include <string>
#include <string_view>

#include "route/quantity.h"

namespace waypost::route {

[[nodiscard]] Parsed<std::string> parse_ip(std::string_view text);
// "192.0.2.1", "192.0.2.1:5300", "2001:db8::1", "[2001:db8::1]:5300".
[[nodiscard]] Parsed<std::string> parse_resolver(std::string_view text);
// A domain name without a port; an address, with or without brackets.
[[nodiscard]] Parsed<std::string> parse_host(std::string_view text);
// A host and its port: "10.9.0.1:1080", "proxy.example.org:1080", "[2001:db8::1]:1080".
[[nodiscard]] Parsed<std::string> parse_host_and_port(std::string_view text);
[[nodiscard]] Parsed<std::string> parse_domain(std::string_view text);
// For EHLO (RFC 5321 4.1.1.1): a domain, or an address literal.
[[nodiscard]] Parsed<std::string> parse_helo(std::string_view text);
// What `from` and `to` take: a domain, with a leading dot for all below it too, or a literal.
[[nodiscard]] Parsed<std::string> parse_pattern(std::string_view text);
[[nodiscard]] Parsed<std::string> parse_mailbox(std::string_view text); // local@domain
// "<>" or a mailbox; "<>" is kept as "".
[[nodiscard]] Parsed<std::string> parse_null_sender(std::string_view text);

} // namespace waypost::route
