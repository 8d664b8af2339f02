// Record: the one shape of everything that travels on waypost's pipes and stands in a message's
// history.
//
// An ordered list of fields `key=value`, each ended by a NUL. Keys are [a-z_][a-z0-9_]*; a value
// holds any byte but NUL; a key may stand more than once, and order matters (a field `rcpt` begins
// a group). On a pipe a record is framed as one netstring; a record with a field `bytes=N` is
// followed by one netstring of N raw bytes. In a history it is framed with length and checksum
// (history.h). The formats' fields are listed beside their types and in waypost-pipes(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"

namespace waypost {

class Record {
public:
  struct Field {
    std::string_view key;
    std::string_view value;
  };

  // Appends a field. A NUL in `value`, which no parsed type of ours can hold, becomes '?'.
  Record& add(std::string_view key, std::string_view value);
  Record& add_number(std::string_view key, std::uint64_t value);
  // Appends the field only when the value is not empty, or not zero.
  Record& add_some(std::string_view key, std::string_view value);

  [[nodiscard]] std::size_t size() const { return spans_.size(); }
  [[nodiscard]] Field field(std::size_t i) const; // views live as long as the record is not changed

  // The first field of that name: its value; empty or none when it is absent.
  [[nodiscard]] std::string_view get(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;

  [[nodiscard]] const std::string& encode() const { return bytes_; }
  // An error when a field has no '=', a key is not [a-z_][a-z0-9_]*, or the last field has no NUL.
  [[nodiscard]] static Result<Record> decode(std::string_view bytes);

private:
  struct Span {
    std::uint32_t start;
    std::uint32_t key;   // bytes of the key; '=' follows
    std::uint32_t value; // bytes of the value; NUL follows
  };
  std::string bytes_;
  std::vector<Span> spans_;
};

} // namespace waypost
