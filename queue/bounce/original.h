// The part of a notice that gives the original message back: its header, or all of it (RFC 6522,
// RFC 3462 2; message/global forms of RFC 6533 for international mail).
#pragma once

#include <string>
#include <string_view>

namespace waypost::queue {

// The header section without the empty line that ends it, whole lines only, within its bound.
[[nodiscard]] std::string_view header_section(std::string_view message);

// The first field of that name in a message or header section, unfolded, without its name; empty
// when there is none. `name` in lower case.
[[nodiscard]] std::string header_field(std::string_view message, std::string_view name);

// One body part: its own header, an empty line, its content, ending with CRLF.
struct BodyPart {
  std::string header; // each field ends with CRLF
  std::string content;
  bool eight_bit = false; // the multipart that holds it must say so too (RFC 2045 6.4)
};

// A part that is encoded as its content asks for: 7bit, else quoted-printable.
[[nodiscard]] BodyPart encoded_part(std::string_view description, std::string_view type,
                                    std::string content);

// `full` asks for the whole message. Where its lines may not travel as they are (longer than 998
// bytes, NUL) and may not be encoded either, its header alone is returned.
[[nodiscard]] BodyPart returned_part(std::string_view original, bool full, bool global);

} // namespace waypost::queue
