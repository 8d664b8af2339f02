// Header: the fields of a message in wire form, as signers and verifiers must agree on them.
//
// The section ends at the first empty line, or at the first line that is neither a field nor the
// continuation of one: that line is the body's first then, as every Unix MTA has it. This is the
// only part of a message that is kept in memory, so its size is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dkim/body_hash.h"
#include "lib/sys/error.h"

namespace waypost::dkim {

struct Field {
  std::string text; // as it leaves: folded, lines divided by CRLF, with the CRLF at its end
  std::size_t name_length = 0;

  [[nodiscard]] std::string_view name() const {
    return std::string_view(text).substr(0, name_length);
  }
  // Behind the colon, still folded, without the CRLF at the end.
  [[nodiscard]] std::string_view body() const;
};

// The one form of a field that its hash is made of; RFC 6376 3.4.1 and 3.4.2.
[[nodiscard]] std::string canonical_field(const Field& field, Canonical form);

class Header {
public:
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  static constexpr std::size_t kMaxFields = 100'000;

  // The next stretch of a line, without CR and LF. Not called when the section has ended.
  [[nodiscard]] Result<> text(std::string_view piece);
  // The line has ended. True: it ended the section. Then body_begin() is the body's first line, if
  // it has one without an empty line before it, and bytes() is where the body begins.
  [[nodiscard]] bool end_line();

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const std::string& body_begin() const { return body_begin_; }
  // Of all fields together, without the empty line.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Puts `text` (in the form of Field::text) in place of a field's body.
  void replace_body(std::size_t field, std::string_view body);
  // All fields as they leave.
  [[nodiscard]] std::string wire() const;

private:
  std::vector<Field> fields_;
  std::string line_;
  std::string body_begin_;
  std::size_t bytes_ = 0;
};

} // namespace waypost::dkim
