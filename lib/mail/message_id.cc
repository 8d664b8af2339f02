#include "lib/mail/message_id.h"

#include <algorithm>

#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
constexpr int kTimeDigits = 11;
constexpr int kRandomDigits = 5;
constexpr int kMaxSuffixes = 4;

void append_base32(std::string& out, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i)
    out += kDigits[(value >> (5 * i)) & 31];
}

bool valid_suffix(std::string_view suffix) {
  if (suffix == "d") return true;
  if (suffix.size() < 2 || (suffix[0] != 'b' && suffix[0] != 's' && suffix[0] != 'c')) return false;
  const std::string_view number = suffix.substr(1);
  return number.front() != '0' && parse_number(number, 999'999).has_value();
}

} // namespace

MessageId MessageId::make(WallUs now, std::uint32_t random) {
  std::string text;
  text.reserve(kPlainLength);
  append_base32(text, static_cast<std::uint64_t>(now), kTimeDigits);
  append_base32(text, random, kRandomDigits);
  return MessageId(std::move(text));
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (text.size() < kPlainLength || text.size() > kMaxLength) return std::nullopt;
  const bool digits = std::ranges::all_of(text.substr(0, kPlainLength), [](char c) {
    return kDigits.find(c) != std::string_view::npos;
  });
  if (!digits) return std::nullopt;
  if (text.size() == kPlainLength) return MessageId(std::string(text));
  if (text[kPlainLength] != '.') return std::nullopt;
  const auto suffixes = split(text.substr(kPlainLength + 1), '.');
  if (suffixes.size() > kMaxSuffixes || !std::ranges::all_of(suffixes, valid_suffix))
    return std::nullopt;
  return MessageId(std::string(text));
}

std::optional<MessageId> MessageId::derive(char kind, std::uint32_t number) const {
  std::string text = text_;
  text += '.';
  text += kind;
  if (number != 0) text += std::to_string(number);
  return parse(text);
}

std::string MessageId::folder() const {
  const auto value = kDigits.find(text_[kPlainLength - 1]);
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

} // namespace waypost
