#include "lib/mail/reply.h"

#include <utility>

#include "lib/sys/text.h"

namespace waypost {
namespace {

int reply_code(std::string_view line) {
  if (line.size() < 3) return 0;
  const auto code = parse_number(line.substr(0, 3), 599);
  return code && *code >= 200 ? static_cast<int>(*code) : 0;
}

} // namespace

std::string EnhancedCode::text() const {
  if (!present()) return {};
  return std::to_string(klass) + '.' + std::to_string(subject) + '.' + std::to_string(detail);
}

std::optional<EnhancedCode> EnhancedCode::parse(std::string_view text) {
  text = text.substr(0, text.find_first_of(" \n"));
  const std::string_view klass = cut(text, '.');
  const std::string_view subject = cut(text, '.');
  if (klass != "2" && klass != "4" && klass != "5") return std::nullopt;
  const auto s = parse_number(subject, 999);
  const auto d = parse_number(text, 999);
  if (!s || !d) return std::nullopt;
  return EnhancedCode{static_cast<std::uint8_t>(klass[0] - '0'), static_cast<std::uint16_t>(*s),
                      static_cast<std::uint16_t>(*d)};
}

std::string Reply::one_line() const {
  std::string line = std::to_string(code);
  line += ' ';
  for (const char c : text) {
    if (c == '\n') {
      line += " / ";
    } else {
      line += c;
    }
  }
  return line;
}

Result<std::optional<Reply>> ReplyParser::line(std::string_view text) {
  bytes_ += text.size() + 2;
  if (text.size() > kMaxLine) return fail("reply line longer than 4096 bytes");
  if (bytes_ > kMaxReply) return fail("reply longer than 64 KiB");
  if (text.find('\0') != std::string_view::npos) return fail("NUL in reply");
  const int code = reply_code(text);
  if (code == 0) return fail("reply without a three-digit code: " + printable(text.substr(0, 80)));
  if (reply_.code != 0 && code != reply_.code) return fail("reply with mixed codes");
  const bool more = text.size() > 3 && text[3] == '-';
  if (text.size() > 3 && !more && text[3] != ' ') {
    return fail("reply code not followed by a space: " + printable(text.substr(0, 80)));
  }
  if (reply_.code != 0) reply_.text += '\n';
  if (text.size() > 4) reply_.text += text.substr(4);
  reply_.code = code;
  if (more) return std::nullopt;
  const auto status = EnhancedCode::parse(reply_.text);
  if (status && status->klass == code / 100) reply_.status = *status;
  bytes_ = 0;
  return std::exchange(reply_, {});
}

} // namespace waypost
