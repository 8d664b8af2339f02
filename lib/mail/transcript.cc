#include "lib/mail/transcript.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {

void append_transcript_line(std::string& out, const TranscriptLine& line) {
  out += std::to_string(line.ms);
  out += ' ';
  out += static_cast<char>(line.speaker);
  out += ' ';
  const std::size_t start = out.size();
  out += line.words;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\n' || c == '\0'; }, '?');
  out += '\n';
}

std::optional<TranscriptLine> take_transcript_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 3 || line[space + 2] != ' ')
    return std::nullopt;
  const auto ms = parse_number(line.substr(0, space));
  const char speaker = line[space + 1];
  if (!ms || (speaker != '*' && speaker != '>' && speaker != '<')) return std::nullopt;
  rest.remove_prefix(end + 1);
  return TranscriptLine{*ms, static_cast<Speaker>(speaker), line.substr(space + 3)};
}

namespace {

Record& append(Record& record, const Transcript& transcript) {
  record.add("id", transcript.id).add_number("uid", transcript.uid);
  record.add_number("time", static_cast<std::uint64_t>(transcript.time));
  record.add_number("attempt", transcript.attempt).add_some("transport", transcript.transport);
  return record.add("rcpt", transcript.recipients.text()).add("text", transcript.text);
}

} // namespace

Record to_record(const Transcript& transcript) {
  Record record;
  return std::move(append(record, transcript));
}

Record transcript_record(const Transcript& transcript) {
  Record record;
  return std::move(append(record.add("type", "transcript"), transcript));
}

Result<Transcript> transcript_of(const Record& record) {
  Transcript transcript;
  const auto uid = parse_number(record.get("uid"), UINT32_MAX);
  const auto time = parse_number(record.get("time"), INT64_MAX);
  const auto attempt = parse_number(record.get("attempt"), UINT32_MAX);
  const auto recipients = Ranges::parse(record.get("rcpt"));
  if (!uid || !time || !attempt || !recipients) return fail("transcript: a bad field");
  transcript.id = record.get("id");
  transcript.uid = static_cast<std::uint32_t>(*uid);
  transcript.time = static_cast<WallUs>(*time);
  transcript.attempt = static_cast<std::uint32_t>(*attempt);
  transcript.transport = record.get("transport");
  transcript.recipients = *recipients;
  transcript.text = record.get("text").substr(0, kMaxTranscript);
  return transcript;
}

} // namespace waypost
