// Names as DNS has them, for the evaluation: what may be asked for, and what lies below what.
#pragma once

#include <string>
#include <string_view>

namespace waypost::spfcheck {

// Labels of 1 to 63 bytes, 253 in all (RFC 1035 2.3.4). One dot at the end is none of them.
[[nodiscard]] bool is_name(std::string_view name);

// What check_host() takes for a domain (RFC 7208 4.3): a name of several labels in ASCII, and no
// address literal.
[[nodiscard]] bool is_checkable(std::string_view domain);

// The name itself, or one below it; any case (RFC 7208 5.5).
[[nodiscard]] bool is_within(std::string_view name, std::string_view domain);

[[nodiscard]] bool is_ascii(std::string_view text);

// `text` with its U-labels as A-labels (RFC 7208 2.3, RFC 8616 4); as it is where it has none, or
// where there is no such form.
[[nodiscard]] std::string with_a_labels(std::string_view domain);

// "alice@example.org" with its domain in that form. Without an "@" all of it is the domain and the
// local part postmaster, as without anything before it (4.3).
[[nodiscard]] std::string sender_of(std::string_view address);

[[nodiscard]] std::string_view domain_of(std::string_view sender);
[[nodiscard]] std::string_view local_part_of(std::string_view sender);

} // namespace waypost::spfcheck
