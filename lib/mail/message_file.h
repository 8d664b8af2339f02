// The layout of a message's file in the spool: waypost-spool(5).
//
//   head      512 bytes, lines of text, filled with NUL; written last, never changed
//   message   in wire form (every line ends with CRLF), Received first
//   envelope  the stored form of envelope.h
//   marks     one byte a recipient: the only bytes that change in place, and only forward
//   history   an append-only log (history.h), to the end of the file
//
// The head's checksum is CRC-32C over message, envelope, and the head's own lines before the
// checksum's. This header is the layout alone: bytes to values and back, no files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/clock.h"
#include "lib/sys/error.h"

namespace waypost {

struct MessageHead {
  static constexpr std::size_t kSize = 512;

  std::uint32_t uid = 0; // who called waypost-queue
  std::string login;     // of an authenticated client, as `smtp:alice`; empty for a local user
  std::string peer;      // where such a client connected from; empty for a local user
  WallUs arrival_us = 0;
  std::uint64_t message_length = 0; // the message begins at kSize
  std::uint64_t envelope_length = 0;
  std::uint32_t recipients = 0;
  std::uint32_t hops = 0; // Received fields that the message brought, without ours
  bool eight_bit = false; // a byte above 127 stands in the message
  std::uint32_t checksum = 0;

  [[nodiscard]] std::uint64_t message_offset() const { return kSize; }
  [[nodiscard]] std::uint64_t envelope_offset() const { return kSize + message_length; }
  [[nodiscard]] std::uint64_t marks_offset() const { return envelope_offset() + envelope_length; }
  [[nodiscard]] std::uint64_t history_offset() const { return marks_offset() + recipients; }
  bool operator==(const MessageHead&) const = default;
};

// The head's block. `body_checksum` is CRC-32C over message and envelope; the head's own is made
// from it and stored.
[[nodiscard]] std::string encode_head(const MessageHead& head, std::uint32_t body_checksum);
// An error says what is wrong with the block. Whether the file is long enough and the sums agree is
// for the caller, who has the file: head_checksum() gives the value that `checksum` must have.
[[nodiscard]] Result<MessageHead> decode_head(std::string_view block);
[[nodiscard]] std::uint32_t head_checksum(const MessageHead& head, std::uint32_t body_checksum);

// A recipient's mark. Legal steps: pending to any other; delivered_owed to delivered_told; failed
// to reported.
enum class Mark : char {
  pending = '-',
  delivered = 'D',
  delivered_owed = 'S', // delivered, and a notice of success is owed
  delivered_told = 'T', // delivered, and the notice of success is made
  failed = 'F',         // for good; a notice is owed
  reported = 'R',       // failed, and the notice is made (or nobody wants one)
  expanded = 'E',       // became other messages
};

[[nodiscard]] std::optional<Mark> parse_mark(char c); // none: the file is damaged
[[nodiscard]] bool open(Mark mark); // something is left to do: pending, or a notice owed
[[nodiscard]] bool may_follow(Mark before, Mark after);

} // namespace waypost
