// HeaderSection: the fields of a message as it is handed in, read as a stream up to its body.
//
// Lines end with LF, CRLF or CR. A line that is no field and no continuation ends the section even
// without an empty line: then it belongs to the body, as every Unix MTA has it. mbox lines ("From
// user date") before the first field are dropped. The section is the only part of a message that
// is kept in memory, so its size is bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost::queue {

struct HeaderField {
  std::string text; // the whole field, folded as it came, lines divided by '\n', no end
  std::size_t name_length = 0;

  [[nodiscard]] std::string_view name() const {
    return std::string_view(text).substr(0, name_length);
  }
  [[nodiscard]] std::string_view body() const; // behind the colon, still folded
};

class HeaderSection {
public:
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  // Takes bytes off `rest` up to the end of the section. True: the section has ended, and what is
  // left of `rest` belongs to the body, behind body_begin().
  [[nodiscard]] Result<bool> feed(std::string_view& rest);
  // The message ended within its header section.
  void finish();
  // For the body's first bytes when they come later than the section's end: takes off the LF of a
  // CRLF that was divided.
  void complete_line_end(std::string_view& rest);

  [[nodiscard]] const std::vector<HeaderField>& fields() const { return fields_; }
  // The line that ended the section and belongs to the body, with its end; empty when an empty line
  // divides them.
  [[nodiscard]] const std::string& body_begin() const { return body_begin_; }
  // Removes every field of one of these names.
  void remove(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const;

private:
  bool take_line(); // true: it ended the section

  std::vector<HeaderField> fields_;
  std::string line_; // the line that is being read
  std::string body_begin_;
  std::size_t bytes_ = 0;
  bool after_cr_ = false;
};

} // namespace waypost::queue
