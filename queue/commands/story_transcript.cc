// Story: what was said, of `waypost why --transcript`. What a server sent is safe to print.
#include <algorithm>
#include <cstdio>

#include "lib/mail/date.h"
#include "lib/sys/json.h"
#include "queue/commands/story.h"
#include "queue/commands/story_lines.h"

namespace waypost::queue {
namespace {

// "    12.034": seconds, so that columns stand below each other.
std::string seconds(std::uint64_t ms) {
  char text[40];
  std::snprintf(text, sizeof text, "%6llu.%03llu", static_cast<unsigned long long>(ms / 1000),
                static_cast<unsigned long long>(ms % 1000));
  return text;
}

std::string_view speaker_word(Speaker speaker) {
  switch (speaker) {
  case Speaker::us: return "us";
  case Speaker::server: return "server";
  case Speaker::nobody: break;
  }
  return "nobody";
}

std::string lines_json(std::string_view text) {
  JsonArray lines;
  while (const auto line = take_transcript_line(text)) {
    JsonObject object;
    object.number("ms", line->ms).text("by", speaker_word(line->speaker));
    lines.add(object.text("text", line->words).str());
  }
  return lines.str();
}

} // namespace

std::string Story::dialogues() const {
  std::string out;
  append_line(out, "", "What was said");
  if (transcripts_.empty())
    append_line(out, "    ",
                "No dialogue is kept: no server was spoken to, or newer ones took its place.");
  for (const Transcript& one : transcripts_) {
    append_line(out, "",
                rfc3339_date(one.time) + "  attempt " + std::to_string(one.attempt) + " by " +
                    printable(one.transport) + ", not delivered: " + addresses(one.recipients));
    std::string_view text = one.text;
    while (const auto line = take_transcript_line(text)) {
      std::string shown = seconds(line->ms) + ' ' + static_cast<char>(line->speaker) + ' ';
      append_line(out, "", shown + printable(line->words));
    }
  }
  return out;
}

void Story::dialogues_json(const std::function<void(const std::string&)>& line) const {
  for (const Transcript& one : transcripts_) {
    JsonObject object;
    object.text("time", rfc3339_date(one.time)).text("kind", "transcript").null("recipient");
    object.number("attempt", one.attempt).some_text("transport", one.transport);
    for (const char* key :
         {"rule", "host", "address", "tls", "outcome", "code", "enhanced", "reply", "class"})
      object.null(key);
    JsonArray recipients;
    for (const Ranges::Range& range : one.recipients.ranges()) {
      const std::uint64_t end =
          std::min<std::uint64_t>(range.last + std::uint64_t{1}, row_.recipients.size());
      for (std::uint64_t number = range.first; number < end; ++number)
        recipients.add(json_string(address(static_cast<std::uint32_t>(number))));
    }
    line(object.raw("recipients", recipients.str()).raw("lines", lines_json(one.text)).str());
  }
}

} // namespace waypost::queue
