// A path of MAIL and RCPT: "<user@example.org>", RFC 5321 4.1.2.
#pragma once

#include <optional>
#include <string_view>

namespace waypost::smtpd {

// Takes the path off `rest` and returns what stands in its brackets; none when it does not begin
// with a path. An address without brackets, which RFC 5321 forbids and printers send, is one up to
// the next space. A source route (<@a,@b:user@c>) is cut: RFC 5321 4.1.1.3 and Appendix C. In a
// quoted local part brackets, spaces and colons are letters. Nothing else is checked.
[[nodiscard]] std::optional<std::string_view> take_path(std::string_view& rest);

} // namespace waypost::smtpd
