#include "lib/sys/json_reader.h"

#include <algorithm>
#include <vector>

#include "lib/sys/text.h"

namespace waypost {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  const auto rest = [&](unsigned shift) { byte(0x80U | ((point >> shift) & 0x3FU)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0U | (point >> 6));
    rest(0);
  } else if (point < 0x10000) {
    byte(0xE0U | (point >> 12));
    rest(6);
    rest(0);
  } else {
    byte(0xF0U | (point >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
}

} // namespace

std::unexpected<Error> JsonReader::wanted(std::string_view what) const {
  return fail("no JSON at byte " + std::to_string(at_ + 1) + ": " + std::string(what) +
              " is wanted");
}

void JsonReader::blanks() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_]))
    ++at_;
}

bool JsonReader::take(char c) {
  blanks();
  if (at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonReader::take_word(std::string_view word) {
  blanks();
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

// Behind the opening bracket: values with commas between, and the closing one.
Result<> JsonReader::list(char close, const std::function<Result<>()>& each) {
  if (++depth_ > kMostDepth) return wanted("less nesting");
  if (!take(close)) {
    do {
      const Result<> read = each();
      if (!read) return read;
    } while (take(','));
    if (!take(close)) return wanted(std::string("a comma or ") + close);
  }
  --depth_;
  return {};
}

Result<> JsonReader::object(const std::function<Result<>(std::string_view key)>& each) {
  if (!take('{')) return wanted("an object");
  std::vector<std::string> keys;
  return list('}', [&]() -> Result<> {
    std::string key;
    const Result<> named = text(key);
    if (!named) return named;
    if (!take(':')) return wanted("a colon");
    if (std::ranges::find(keys, key) != keys.end()) return wanted("every key only once");
    if (keys.size() == kMostKeys) return wanted("an object with fewer keys");
    keys.push_back(key);
    return each(keys.back());
  });
}

Result<> JsonReader::array(const std::function<Result<>()>& each) {
  if (!take('[')) return wanted("an array");
  return list(']', each);
}

Result<std::uint32_t> JsonReader::hex() {
  if (text_.size() - at_ < 4) return wanted("four hexadecimal digits");
  std::uint32_t value = 0;
  for (const char c : text_.substr(at_, 4)) {
    const char lower = ascii_lower(c);
    if (!is_digit(c) && (lower < 'a' || lower > 'f')) return wanted("four hexadecimal digits");
    value = value * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  at_ += 4;
  return value;
}

// Behind the backslash.
Result<> JsonReader::escape(std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  const std::size_t plain = kLetters.find(c);
  if (plain == std::string_view::npos && c != 'u') return wanted("an escape");
  ++at_;
  if (plain != std::string_view::npos) {
    out += kMeant[plain];
    return {};
  }
  const Result<std::uint32_t> first = hex();
  if (!first) return std::unexpected(first.error());
  std::uint32_t point = *first;
  // RFC 8259 7: a character beyond U+FFFF is two halves, the high one first.
  if (point >= 0xDC00 && point < 0xE000) return wanted("a high surrogate before a low one");
  if (point >= 0xD800 && point < 0xDC00) {
    if (!text_.substr(at_).starts_with("\\u")) return wanted("a low surrogate");
    at_ += 2;
    const Result<std::uint32_t> second = hex();
    if (!second) return std::unexpected(second.error());
    if (*second < 0xDC00 || *second >= 0xE000) return wanted("a low surrogate");
    point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
  }
  append_utf8(out, point);
  return {};
}

Result<> JsonReader::text(std::string& out) {
  if (!take('"')) return wanted("a text");
  out.clear();
  for (;;) {
    const std::size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos) return wanted("the end of a text");
    const std::string_view plain = text_.substr(at_, end - at_);
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (std::ranges::any_of(plain, control)) return wanted("a text without control characters");
    if (!valid_utf8(plain)) return wanted("a text in UTF-8");
    out += plain;
    at_ = end + 1;
    if (text_[end] == '"') return {};
    const Result<> escaped = escape(out);
    if (!escaped) return escaped;
  }
}

Result<> JsonReader::text_or_null(std::string& out) {
  if (!take_word("null")) return text(out);
  out.clear();
  return {};
}

Result<> JsonReader::number(std::uint64_t& out) {
  blanks();
  const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
  const auto value = parse_number(text_.substr(at_, end - at_));
  const bool whole = end == text_.size() || !std::string_view(".eE").contains(text_[end]);
  const bool leads = end - at_ > 1 && text_[at_] == '0';
  if (!value || !whole || leads) return wanted("a whole number");
  out = *value;
  at_ = end;
  return {};
}

Result<> JsonReader::boolean(bool& out) {
  out = take_word("true");
  return out || take_word("false") ? Result<>() : wanted("true or false");
}

// RFC 8259 6: -, digits without a leading zero, a fraction, an exponent.
Result<> JsonReader::skip_number() {
  const auto digits = [&] {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_]))
      ++at_;
    return at_ > begin;
  };
  const auto one_of = [&](std::string_view chars) {
    const bool there = at_ < text_.size() && chars.contains(text_[at_]);
    if (there) ++at_;
    return there;
  };
  one_of("-");
  const bool zero = one_of("0");
  if (!zero && !digits()) return wanted("a value");
  if (one_of(".") && !digits()) return wanted("a digit");
  if (one_of("eE")) {
    one_of("+-");
    if (!digits()) return wanted("a digit");
  }
  return {};
}

Result<> JsonReader::skip() {
  blanks();
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  if (c == '{') {
    return object([&](std::string_view) { return skip(); });
  }
  if (c == '[') {
    return array([&] { return skip(); });
  }
  if (c == '"') {
    std::string ignored;
    return text(ignored);
  }
  for (const std::string_view word : {"true", "false", "null"}) {
    if (take_word(word)) return {};
  }
  return skip_number();
}

Result<> JsonReader::end() {
  blanks();
  return at_ == text_.size() ? Result<>() : wanted("the end");
}

} // namespace waypost
