// Script: how a sink shall misbehave, as waypost-sink(1) describes it. Pure: text in, sections out.
//
// A script is settings, then sections "at STAGE", each with steps that take the place of the usual
// reply at that moment of a session. Sections are tried in the order of the file: the first of that
// moment that has turns left, and whose words stand in the command, decides.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waypost::demo {

// When a server speaks: to a connection, to each command, and to the end of a message.
enum class Moment : std::uint8_t {
  connect,
  ehlo,
  helo,
  starttls,
  mail,
  rcpt,
  data,
  body,
  rset,
  noop,
  quit,
  other, // a command that is none of these
};

[[nodiscard]] std::string_view name(Moment); // "CONNECT"
[[nodiscard]] std::optional<Moment> parse_moment(std::string_view word);

enum class Do : std::uint8_t {
  reply,   // bytes, and the end of a line
  raw,     // exactly the bytes, count times; 0: until the client goes
  usual,   // what a friendly server would say
  wait,    // for the time
  split,   // from now on: count bytes a write, and then a pause; 0: all at once
  read,    // takes count bytes, and forgets them
  silence, // reads on, and never says a word again
  deaf,    // does not even read
  close,
  reset, // TCP RST
  tls,   // the handshake begins
};

struct Step {
  Do what = Do::usual;
  std::string bytes;
  std::uint64_t count = 0;
  std::chrono::milliseconds time{0};
};

struct Section {
  std::size_t line = 0; // where it stands
  Moment moment = Moment::connect;
  std::string words;                  // in lower case; "": any command
  std::optional<std::uint64_t> times; // none: always
  std::vector<Step> steps;
};

// What ends a line of content, and so may end the message: CR LF; LF too; CR too.
enum class LineEnds : std::uint8_t { strict, lf, any };

struct Script {
  std::vector<std::string> offers = {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES",
                                     "SIZE 10000000"};
  LineEnds ends = LineEnds::strict;
  std::uint64_t most_sessions = 0; // at a time; 0: no limit
  std::string refusal;             // what those above it get
  std::vector<Section> sections;
};

struct ScriptError {
  std::size_t line = 0; // from 1
  std::string text;     // what is wrong, and what would be right
};

// The script, or every error of the text in its order.
[[nodiscard]] std::expected<Script, std::vector<ScriptError>> parse_script(std::string_view text);

} // namespace waypost::demo
