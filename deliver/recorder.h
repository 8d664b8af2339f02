// Recorder: writes down what is said on the connections of one worker, so that a dialogue that went
// wrong can be shown (`waypost why --transcript`). No I/O; times are the loop's.
//
// Bounded: of a long dialogue its beginning and its end are kept, of a long line likewise. The
// message itself leaves one line. Secrets never come in: an AUTH exchange is known by its command
// (RFC 4954 4) and leaves the mechanism, the lengths of its lines and the last reply; for any other
// line secret() is said before it is sent. A connection that is kept for further messages keeps its
// opening (banner, EHLO, TLS), which goes before the dialogue of each.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "lib/mail/transcript.h"

namespace waypost::deliver {

class Recorder {
public:
  static constexpr std::size_t kHead = std::size_t{6} << 10;
  static constexpr std::size_t kTail = std::size_t{9} << 10;
  static constexpr std::size_t kOpening = std::size_t{3} << 10;
  static constexpr std::size_t kLine = 1000; // of a line's words

  Recorder() = default;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() { forget_secrets(); }

  // A job begins. `kept`: on the connection of the one before.
  void begin(std::uint64_t now_ms, bool kept);
  // From here to ready() a new connection is opened.
  void opens();
  void ready() { opening_now_ = false; }
  void note(std::uint64_t now_ms, std::string_view words);
  // One or more commands, each with its CRLF.
  void sent(std::uint64_t now_ms, std::string_view bytes);
  // What is sent next is not for anybody's eyes.
  void secret() { secret_ = true; }
  void message(std::size_t bytes) { message_bytes_ += bytes; }
  // A line without its end.
  void received(std::uint64_t now_ms, std::string_view line);

  // What was recorded since begin() or the last call; empty when nothing was. What follows belongs
  // to the next transaction.
  [[nodiscard]] std::string take();

private:
  void add(std::uint64_t now_ms, Speaker speaker, std::string_view words);
  void append(std::uint64_t now_ms, Speaker speaker, std::string_view words);
  void put(std::string line);
  void add_sent(std::uint64_t now_ms, std::string_view line);
  [[nodiscard]] std::string without_secrets(std::string_view line) const;
  void clear();
  void forget_secrets();

  std::uint64_t zero_ms_ = 0;
  std::string head_;
  std::deque<std::string> tail_;
  std::size_t tail_bytes_ = 0;
  std::size_t left_out_ = 0; // lines between the two
  std::string opening_;      // of the connection
  bool opening_now_ = false;
  bool resumes_ = false; // the next line stands on a connection whose opening is not repeated yet
  bool secret_ = false;
  bool auth_ = false;                // between AUTH and its last reply
  std::vector<std::string> secrets_; // sent within it
  std::size_t message_bytes_ = 0;    // not written down yet
};

} // namespace waypost::deliver
