// Mail text: folding, wrapping, transfer encodings and boundaries, as far as a notice needs them.
//
// All text here has lines that end with CRLF. Nothing of it fails: what is not representable is
// encoded. RFC 5322 2.1.1 and 2.2.3, RFC 2045 6.7, RFC 2046 5.1.1.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace waypost::queue {

// printable(), and bytes above 127 as \xNN too: for fields that must be ASCII.
[[nodiscard]] std::string printable_ascii(std::string_view text);

// At most `most` bytes of `text`, cut between characters; "..." stands for what is left out.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

// Appends one header field, folded at spaces to 78 columns and without mercy at 998 bytes, which
// ends with CRLF. '\n' in `value` begins a new folded line. The value must be printable.
void append_field(std::string& out, std::string_view name, std::string_view value);

// Appends `text` as lines of at most 72 columns that begin with `indent`; words are only cut where
// a line would be longer than 998 bytes. '\n' in `text` begins a new line.
void append_wrapped(std::string& out, std::string_view text, std::string_view indent = "");

// Only printable ASCII, tabs and CRLF pairs, lines of 998 bytes at most: may travel as `7bit`.
[[nodiscard]] bool seven_bit_safe(std::string_view text);
// No NUL, CR and LF only in pairs, lines of 998 bytes at most: may travel as `8bit`.
[[nodiscard]] bool eight_bit_safe(std::string_view text);

[[nodiscard]] std::string quoted_printable(std::string_view text);

// A boundary that stands nowhere in `parts`. The same for the same parts: a notice that is rendered
// twice is the same notice.
[[nodiscard]] std::string boundary_for(std::string_view seed,
                                       std::initializer_list<std::string_view> parts);

} // namespace waypost::queue
