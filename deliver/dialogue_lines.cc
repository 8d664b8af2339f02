#include "deliver/dialogue_lines.h"

#include "lib/mail/transcript.h"
#include "lib/sys/json.h"
#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

std::string seconds(std::uint64_t ms) {
  const std::string rest = std::to_string(ms % 1000);
  return std::to_string(ms / 1000) + "." + std::string(3 - rest.size(), '0') + rest;
}

} // namespace

std::string dialogue_text(std::string_view dialogue, std::string_view indent) {
  std::string text;
  while (const auto line = take_transcript_line(dialogue)) {
    text.append(indent).append(seconds(line->ms)).append(" ");
    text += static_cast<char>(line->speaker);
    text += " " + printable(line->words) + "\n";
  }
  return text;
}

std::string dialogue_json(std::string_view dialogue) {
  JsonArray steps;
  while (const auto line = take_transcript_line(dialogue)) {
    JsonObject step;
    step.number("ms", line->ms);
    step.text("who", line->speaker == Speaker::us       ? "waypost"
                     : line->speaker == Speaker::server ? "server"
                                                        : "");
    steps.add(step.text("words", line->words).str());
  }
  return steps.str();
}

} // namespace waypost::deliver
