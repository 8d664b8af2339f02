// Transcript: the SMTP dialogue of one attempt, as `waypost why --transcript` shows it.
//
// Its text is lines `MS WHO WORDS\n`: milliseconds since the dialogue began; `>` for what we sent,
// `<` for what the server sent, `*` for what happened beside it; and the words, any bytes but NUL
// and line feed. Senders write it (deliver/recorder.h), the manager keeps the latest in a ring
// (queue/spool/transcript_ring.h). It holds what a server said: whoever prints it makes it safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/mail/ranges.h"
#include "lib/mail/record.h"
#include "lib/sys/clock.h"

namespace waypost {

// The longest text; a recorder stays below it, a reader takes no more.
inline constexpr std::size_t kMaxTranscript = std::size_t{20} << 10;

enum class Speaker : char { nobody = '*', us = '>', server = '<' };

struct TranscriptLine {
  std::uint64_t ms = 0;
  Speaker speaker = Speaker::nobody;
  std::string_view words;
  bool operator==(const TranscriptLine&) const = default;
};

// A NUL or line feed in the words, which no line of a dialogue holds, becomes '?'.
void append_transcript_line(std::string& out, const TranscriptLine& line);
// Takes the first line off `rest`; none when there is none, or what stands there is not one.
[[nodiscard]] std::optional<TranscriptLine> take_transcript_line(std::string_view& rest);

// A dialogue with what it belongs to.
struct Transcript {
  std::string id;        // of the message
  std::uint32_t uid = 0; // whose message it is
  WallUs time = 0;       // when it ended
  std::uint32_t attempt = 0;
  std::string transport;
  Ranges recipients; // those that were not delivered
  std::string text;
  bool operator==(const Transcript&) const = default;
};

[[nodiscard]] Record to_record(const Transcript& transcript);
[[nodiscard]] Result<Transcript> transcript_of(const Record& record);
// As an answer to a command: type=transcript (control.h).
[[nodiscard]] Record transcript_record(const Transcript& transcript);

} // namespace waypost
