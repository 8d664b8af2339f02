// WireForm: any line endings in, CRLF out, as a stream.
//
// LF, CRLF and a CR that no LF follows each end a line (RFC 5321 2.3.8 allows neither alone, and
// what is stored must not be read differently by the next host: smuggling). NUL and 8-bit bytes
// pass unchanged, lines may have any length. While bytes pass, it counts the Received fields of the
// header section and remembers whether a byte above 127 was among them. Nothing is buffered.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace waypost {

class WireForm {
public:
  // Takes the next piece off `rest`, which is not empty: a stretch of a line as it came, a line end
  // ("\r\n"), or nothing where an LF only completes a CR that was already answered.
  [[nodiscard]] std::string_view next(std::string_view& rest);
  // At the end of the input: "\r\n" when the last line has no end.
  [[nodiscard]] std::string_view finish();

  [[nodiscard]] std::uint32_t hops() const { return hops_; }
  [[nodiscard]] bool eight_bit() const { return eight_bit_; }

private:
  void see(std::string_view piece);
  std::string_view end_line();

  bool after_cr_ = false;
  bool in_line_ = false;
  bool in_header_ = true;
  bool eight_bit_ = false;
  std::uint32_t hops_ = 0;
  std::array<char, 9> begin_{}; // of the line, while the header section lasts: room for "Received:"
  std::size_t begun_ = 0;
};

} // namespace waypost
