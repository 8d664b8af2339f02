// Handover: a message on its way to waypost-accept, over the socket run/accept;
// waypost-handover(5).
//
// Netstrings, each a letter and what it is about:
//
//   accept   G                     there is a place for the caller; nothing is read before
//   caller   M<bytes> ...          the message, in any number of pieces
//   caller   E<bytes> ...          then the envelope; its final NUL ends what the caller says
//   accept   S<status> <text>      what became of it, at any time in place of all that would follow
//
// That is one message. In place of M and E a caller may pass pipes: the byte Q, no netstring, and
// with it the reading ends of two, message and envelope as waypost-queue reads them
// (lib/sys/passed_descriptors.h). Each Q is answered with an S, and another one may follow that.
//
// The status is waypost-queue's, 0 only when the message is safe. A caller who sees the connection
// end without an S knows nothing, and must not say that it is. Here is the format alone: bytes to
// values and back, no sockets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/sys/error.h"
#include "lib/sys/home.h"

namespace waypost {

inline constexpr std::size_t kMaxHandoverFrame = std::size_t{32} << 10; // with its letter
inline constexpr std::size_t kMaxHandoverText = 1000;

// Where waypost-accept listens.
[[nodiscard]] inline std::string handover_socket(const Home& home) {
  return home.run + "/accept";
}

// In place of M and E: with two descriptors.
inline constexpr char kHandoverPipes = 'Q';

enum class HandoverPart : char { message = 'M', envelope = 'E' };

struct HandoverPiece {
  HandoverPart part = HandoverPart::message;
  std::string_view bytes; // never empty
};

// The frames of a piece of any length.
void append_handover(std::string& out, HandoverPart part, std::string_view bytes);

// What a caller sends, in the order in which it must come.
class HandoverReader {
public:
  // Where the next bytes may be received; never empty. What next() gave before is gone then.
  [[nodiscard]] std::span<char> room();
  void received(std::size_t count) { end_ += count; }
  // The next piece; none when more must be received. After an error there is nothing more.
  [[nodiscard]] Result<std::optional<HandoverPiece>> next();

private:
  static constexpr std::size_t kBuffer = 2 * kMaxHandoverFrame;

  std::array<char, kBuffer> buffer_;
  std::size_t begin_ = 0; // of what is received and not yet given
  std::size_t end_ = 0;
  bool envelope_ = false; // its first piece has come
};

struct HandoverAnswer {
  bool go = false; // G; else S
  int status = 0;
  std::string text;
  bool operator==(const HandoverAnswer&) const = default;
};

// The frame of an answer; a long text is cut.
[[nodiscard]] std::string encode(const HandoverAnswer& answer);
// Takes the first answer off `rest`; none while it is incomplete.
[[nodiscard]] Result<std::optional<HandoverAnswer>> take_handover_answer(std::string_view& rest);

} // namespace waypost
