#include "demo/script.h"

#include <algorithm>
#include <array>
#include <utility>

#include "demo/script_words.h"
#include "lib/sys/text.h"

namespace waypost::demo {
namespace {

constexpr auto kMoments = std::to_array<std::pair<std::string_view, Moment>>({
    {"CONNECT", Moment::connect},
    {"EHLO", Moment::ehlo},
    {"HELO", Moment::helo},
    {"STARTTLS", Moment::starttls},
    {"MAIL", Moment::mail},
    {"RCPT", Moment::rcpt},
    {"DATA", Moment::data},
    {"BODY", Moment::body},
    {"RSET", Moment::rset},
    {"NOOP", Moment::noop},
    {"QUIT", Moment::quit},
    {"OTHER", Moment::other},
});

constexpr std::uint64_t kMost = 1'000'000'000;

std::unexpected<std::string> wrong(std::string text) {
  return std::unexpected(std::move(text));
}

std::string quoted(std::string_view word) {
  return "'" + printable(word) + "'";
}

// What stands behind a step's word, taken off the rest of the line.
using TakeStep = Word<void> (*)(std::string_view& rest, Step& step);

Word<void> take_text(std::string_view& rest, Step& step) {
  if (rest.empty()) return wrong("a reply needs its text, as in: reply 250 2.1.0 Ok");
  step.bytes = std::exchange(rest, {});
  return {};
}

Word<void> take_quoted(std::string_view& rest, Step& step) {
  Word<std::string> bytes = take_bytes(rest);
  if (!bytes) return wrong(bytes.error());
  step.bytes = *std::move(bytes);
  return {};
}

Word<void> take_number(std::string_view& rest, Step& step) {
  const Word<std::uint64_t> count = take_count(rest, kMost);
  if (!count) return wrong(count.error());
  step.count = *count;
  return {};
}

Word<void> take_duration(std::string_view& rest, Step& step) {
  const Word<std::chrono::milliseconds> time = take_time(rest);
  if (!time) return wrong(time.error());
  step.time = *time;
  return {};
}

Word<void> take_once(std::string_view& rest, Step& step) {
  step.count = 1;
  return take_quoted(rest, step);
}

Word<void> take_repeated(std::string_view& rest, Step& step) {
  const Word<void> count = take_number(rest, step);
  return count ? take_quoted(rest, step) : count;
}

Word<void> take_endless(std::string_view& rest, Step& step) {
  const Word<void> bytes = take_quoted(rest, step);
  if (bytes && step.bytes.empty()) return wrong("no bytes for ever is silence");
  return bytes;
}

Word<void> take_split(std::string_view& rest, Step& step) {
  const Word<void> count = take_number(rest, step);
  if (!count || rest.empty()) return count;
  if (next_word(rest) != "every") return wrong("the pause is written: split 1 every 1s");
  return take_duration(rest, step);
}

Word<void> take_nothing(std::string_view&, Step&) {
  return {};
}

struct StepForm {
  std::string_view first;
  Do what;
  TakeStep take;
};

constexpr auto kSteps = std::to_array<StepForm>({
    {"reply", Do::reply, take_text},
    {"raw", Do::raw, take_once},
    {"repeat", Do::raw, take_repeated},
    {"endless", Do::raw, take_endless},
    {"usual", Do::usual, take_nothing},
    {"wait", Do::wait, take_duration},
    {"split", Do::split, take_split},
    {"whole", Do::split, take_nothing},
    {"read", Do::read, take_number},
    {"silence", Do::silence, take_nothing},
    {"deaf", Do::deaf, take_nothing},
    {"close", Do::close, take_nothing},
    {"reset", Do::reset, take_nothing},
    {"tls", Do::tls, take_nothing},
});

template <class Table>
std::string all_of(const Table& table) {
  std::string out;
  for (const auto& entry : table)
    out += (out.empty() ? "" : " ") + std::string(entry.first);
  return out;
}

class Parser {
public:
  void take(std::size_t number, std::string_view line) {
    line_ = number;
    if (line.empty() || line.starts_with('#')) return;
    std::string_view rest = line;
    const std::string_view word = next_word(rest);
    const bool in_section = !script_.sections.empty();
    const Word<void> taken = word == "at" ? begin_section(rest)
                             : in_section ? take_step(word, rest)
                                          : take_setting(word, rest);
    if (!taken) errors_.push_back({number, taken.error()});
  }

  std::expected<Script, std::vector<ScriptError>> finish() {
    for (const Section& one : script_.sections)
      if (one.steps.empty() && errors_.empty())
        errors_.push_back({one.line, "a section without a step; the least is: usual"});
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(script_);
  }

private:
  Word<void> begin_section(std::string_view rest);
  Word<void> take_step(std::string_view word, std::string_view rest);
  Word<void> take_setting(std::string_view word, std::string_view rest);
  Word<void> take_sessions(std::string_view rest);

  Script script_;
  std::vector<ScriptError> errors_;
  std::size_t line_ = 0;
};

// at STAGE [WORDS] [times N]
Word<void> Parser::begin_section(std::string_view rest) {
  Section& section = script_.sections.emplace_back();
  section.line = line_;
  const std::string_view stage = next_word(rest);
  const std::optional<Moment> moment = parse_moment(stage);
  if (!moment) return wrong(quoted(stage) + " is no stage; there are " + all_of(kMoments));
  section.moment = *moment;
  while (!rest.empty()) {
    const std::string_view word = next_word(rest);
    if (word != "times") {
      section.words += (section.words.empty() ? "" : " ") + ascii_lower(word);
      continue;
    }
    const Word<std::uint64_t> times = take_count(rest, kMost);
    if (!times) return wrong(times.error());
    section.times = *times;
    return end_of_line(rest);
  }
  return {};
}

Word<void> Parser::take_step(std::string_view word, std::string_view rest) {
  const auto* const known = std::ranges::find(kSteps, word, &StepForm::first);
  if (known == kSteps.end()) {
    if (word == "offer" || word == "ends" || word == "sessions")
      return wrong("settings stand above the first section");
    return wrong(quoted(word) + " is no step; there are " + all_of(kSteps));
  }
  Step& step = script_.sections.back().steps.emplace_back();
  step.what = known->what;
  const Word<void> taken = known->take(rest, step);
  return taken ? end_of_line(rest) : taken;
}

Word<void> Parser::take_setting(std::string_view word, std::string_view rest) {
  if (word == "offer") {
    script_.offers.clear();
    while (!rest.empty()) {
      std::string& offer = script_.offers.emplace_back(next_word(rest));
      std::ranges::replace(offer, '=', ' ');
    }
    return {};
  }
  if (word == "sessions") return take_sessions(rest);
  if (word != "ends") {
    return wrong(quoted(word) +
                 " is no setting; there are offer ends sessions, and steps stand below: at STAGE");
  }
  const std::string_view ends = next_word(rest);
  if (ends != "strict" && ends != "lf" && ends != "any")
    return wrong(quoted(ends) + " is no way to end a line; there are strict lf any");
  script_.ends = ends == "strict" ? LineEnds::strict : ends == "lf" ? LineEnds::lf : LineEnds::any;
  return end_of_line(rest);
}

Word<void> Parser::take_sessions(std::string_view rest) {
  const Word<std::uint64_t> most = take_count(rest, kMost);
  if (!most) return wrong(most.error());
  if (rest.empty()) return wrong("and what do the others get? sessions 2 421 4.7.0 Too many");
  script_.most_sessions = *most;
  script_.refusal = rest;
  return {};
}

} // namespace

std::string_view name(Moment moment) {
  for (const auto& [word, value] : kMoments)
    if (value == moment) return word;
  return "";
}

std::optional<Moment> parse_moment(std::string_view word) {
  for (const auto& [known, value] : kMoments)
    if (equal_ignoring_case(word, known)) return value;
  return std::nullopt;
}

std::expected<Script, std::vector<ScriptError>> parse_script(std::string_view text) {
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = cut(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    parser.take(number, trim(line));
  }
  return parser.finish();
}

} // namespace waypost::demo
