#include "deliver/recorder.h"

#include <cstring>
#include <utility>

#include "lib/sys/text.h"

namespace waypost::deliver {
namespace {

constexpr std::size_t kLineStart = 700; // of a line that is cut
constexpr std::size_t kLineEnd = 250;
constexpr std::size_t kShortestEcho = 4; // a shorter secret would be found everywhere
constexpr std::size_t kMostSecrets = 16;
constexpr std::string_view kInstead = "(secret)";

std::string hidden(std::size_t bytes) {
  return "(" + std::to_string(bytes) + " bytes, not recorded)";
}

std::string grouped(std::size_t number) {
  const std::string digits = std::to_string(number);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string shortened(std::string_view words) {
  const std::size_t left = words.size() - kLineStart - kLineEnd;
  return std::string(words.substr(0, kLineStart)) + " [" + grouped(left) + " bytes left out] " +
         std::string(words.substr(words.size() - kLineEnd));
}

bool begins_auth(std::string_view line) {
  return line.size() >= 5 && ascii_lower(line.substr(0, 5)) == "auth ";
}

} // namespace

void Recorder::clear() {
  head_.clear();
  tail_.clear();
  tail_bytes_ = 0;
  left_out_ = 0;
  message_bytes_ = 0;
}

// Nothing of a login stays in memory longer than its exchange.
void Recorder::forget_secrets() {
  for (std::string& one : secrets_)
    ::explicit_bzero(one.data(), one.size());
  secrets_.clear();
}

void Recorder::begin(std::uint64_t now_ms, bool kept) {
  clear();
  secret_ = auth_ = false;
  forget_secrets();
  resumes_ = kept;
  if (!kept) zero_ms_ = now_ms;
}

void Recorder::opens() {
  opening_.clear();
  opening_now_ = true;
  resumes_ = false;
}

void Recorder::note(std::uint64_t now_ms, std::string_view words) {
  add(now_ms, Speaker::nobody, words);
}

void Recorder::sent(std::uint64_t now_ms, std::string_view bytes) {
  while (!bytes.empty()) {
    std::string_view line = cut(bytes, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_sent(now_ms, line);
  }
  secret_ = false;
}

void Recorder::add_sent(std::uint64_t now_ms, std::string_view line) {
  const bool command = begins_auth(line) && !auth_;
  if (!command && !auth_ && !secret_) return add(now_ms, Speaker::us, line);
  auth_ = auth_ || command;
  std::string_view kept;
  std::string_view rest = line;
  if (command) {
    rest.remove_prefix(5);
    kept = line.substr(0, 5 + cut(rest, ' ').size());
  }
  // "=" is an empty response, "*" gives up (RFC 4954 4).
  const bool open = rest.empty() || rest == "=" || rest == "*";
  secrets_.reserve(kMostSecrets); // moving them would leave copies
  if (!open && secrets_.size() < kMostSecrets) secrets_.emplace_back(rest);
  std::string words(kept);
  if (!rest.empty())
    words += (kept.empty() ? "" : " ") + (open ? std::string(rest) : hidden(rest.size()));
  add(now_ms, Speaker::us, words);
}

// Some servers repeat what they did not understand.
std::string Recorder::without_secrets(std::string_view line) const {
  std::string words(line);
  for (const std::string& secret : secrets_) {
    if (secret.size() < kShortestEcho) continue;
    for (std::size_t at = words.find(secret); at != std::string::npos;
         at = words.find(secret, at + kInstead.size()))
      words.replace(at, secret.size(), kInstead);
  }
  return words;
}

void Recorder::received(std::uint64_t now_ms, std::string_view line) {
  if (secrets_.empty() && !auth_) return add(now_ms, Speaker::server, line);
  const bool challenge = auth_ && line.starts_with("334");
  if (challenge && line.size() > 4)
    return add(now_ms, Speaker::server, "334 " + hidden(line.size() - 4));
  add(now_ms, Speaker::server, without_secrets(line));
  const bool last = line.size() < 4 || line[3] != '-';
  if (challenge || !last) return;
  auth_ = false;
  forget_secrets();
}

void Recorder::add(std::uint64_t now_ms, Speaker speaker, std::string_view words) {
  if (std::exchange(resumes_, false)) {
    put(opening_);
    append(now_ms, Speaker::nobody, "the connection is used again");
  }
  if (const std::size_t bytes = std::exchange(message_bytes_, 0))
    append(now_ms, Speaker::us, "(" + grouped(bytes) + " bytes of message)");
  append(now_ms, speaker, words);
}

void Recorder::append(std::uint64_t now_ms, Speaker speaker, std::string_view words) {
  const std::uint64_t ms = now_ms < zero_ms_ ? 0 : now_ms - zero_ms_;
  std::string line;
  if (words.size() > kLine) {
    append_transcript_line(line, {ms, speaker, shortened(words)});
  } else {
    append_transcript_line(line, {ms, speaker, words});
  }
  if (opening_now_ && opening_.size() + line.size() <= kOpening) opening_ += line;
  put(std::move(line));
}

void Recorder::put(std::string line) {
  if (tail_.empty() && head_.size() + line.size() <= kHead) {
    head_ += line;
    return;
  }
  tail_bytes_ += line.size();
  tail_.push_back(std::move(line));
  while (tail_bytes_ > kTail) {
    tail_bytes_ -= tail_.front().size();
    tail_.pop_front();
    ++left_out_;
  }
}

std::string Recorder::take() {
  std::string text = std::move(head_);
  if (left_out_ > 0) {
    std::string_view after(tail_.empty() ? std::string_view("0") : std::string_view(tail_.front()));
    const std::uint64_t ms = parse_number(cut(after, ' ')).value_or(0);
    append_transcript_line(text,
                           {ms, Speaker::nobody, "(" + grouped(left_out_) + " lines left out)"});
  }
  for (const std::string& line : tail_)
    text += line;
  clear();
  resumes_ = true;
  return text;
}

} // namespace waypost::deliver
