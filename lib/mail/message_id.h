// MessageId: the name of a message in the spool, in logs and on the command line.
//
// 16 characters of base32 (0-9 a-v, which sorts as it counts): 11 of microseconds since 1970, 5 of
// randomness. Never an inode number: a queue can be copied, backed up and restored. Messages that
// waypost derives from another carry its name and a suffix, so that making one twice is impossible:
// `.b1`, `.b2` failure notices, `.d` delay notice, `.s1` success notice,
// `.c1` child of an alias; at most four suffixes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/sys/clock.h"

namespace waypost {

class MessageId {
public:
  static constexpr std::size_t kPlainLength = 16;
  static constexpr std::size_t kMaxLength = 48;

  // A new id; `random` gives 25 bits.
  [[nodiscard]] static MessageId make(WallUs now, std::uint32_t random);
  [[nodiscard]] static std::optional<MessageId> parse(std::string_view text);

  // This id with one more suffix: kind 'b', 's' or 'c' with a number from 1, or 'd' with 0 (none).
  // None when four suffixes stand already.
  [[nodiscard]] std::optional<MessageId> derive(char kind, std::uint32_t number) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool derived() const { return text_.size() > kPlainLength; }
  // The message that this one was derived from first; itself when it is not derived.
  [[nodiscard]] std::string origin() const { return text_.substr(0, kPlainLength); }
  // The folder XX of cur/XX/: "00" to "31", from the last random digit; derived messages lie beside
  // their origin.
  static constexpr int kFolders = 32;
  [[nodiscard]] std::string folder() const;

  auto operator<=>(const MessageId&) const = default;

private:
  explicit MessageId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

} // namespace waypost
