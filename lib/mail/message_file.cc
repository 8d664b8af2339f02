#include "lib/mail/message_file.h"

#include "lib/sys/crc32c.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::string_view kMagic = "waypost-message 1";

void line(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  out += ' ';
  out += value;
  out += '\n';
}

void line(std::string& out, std::string_view key, std::uint64_t value) {
  line(out, key, std::to_string(value));
}

std::string lines_before_checksum(const MessageHead& head) {
  std::string out(kMagic);
  out += '\n';
  line(out, "uid", head.uid);
  line(out, "login", head.login);
  line(out, "peer", head.peer);
  line(out, "arrival", static_cast<std::uint64_t>(head.arrival_us));
  line(out, "message", head.message_length);
  line(out, "envelope", head.envelope_length);
  line(out, "recipients", head.recipients);
  line(out, "hops", head.hops);
  line(out, "eight_bit", head.eight_bit ? 1 : 0);
  return out;
}

// Takes the head's lines in their one order; the first that is not as it must be is remembered.
class HeadLines {
public:
  explicit HeadLines(std::string_view text) : rest_(text) {}

  std::string_view text(std::string_view key) {
    std::string_view one = cut(rest_, '\n');
    const std::string_view found = cut(one, ' ');
    if (found != key && wrong_.empty()) wrong_ = key;
    return one;
  }

  std::uint64_t number(std::string_view key, std::uint64_t most) {
    const auto value = parse_number(text(key), most);
    if (!value && wrong_.empty()) wrong_ = key;
    return value.value_or(0);
  }

  [[nodiscard]] std::string_view wrong() const { return wrong_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
  std::string_view wrong_;
};

} // namespace

std::uint32_t head_checksum(const MessageHead& head, std::uint32_t body_checksum) {
  return crc32c(lines_before_checksum(head), body_checksum);
}

std::string encode_head(const MessageHead& head, std::uint32_t body_checksum) {
  std::string block = lines_before_checksum(head);
  line(block, "crc32c", crc32c(block, body_checksum));
  block.resize(MessageHead::kSize, '\0');
  return block;
}

Result<MessageHead> decode_head(std::string_view block) {
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1}
                                      << 50; // keeps every sum of offsets far from overflow
  if (block.size() < MessageHead::kSize) return fail("head: the file is shorter than 512 bytes");
  block = block.substr(0, MessageHead::kSize);
  HeadLines lines(block);
  if (!block.starts_with(kMagic) || lines.text("waypost-message") != "1") {
    return fail("head: not a waypost message, or of an unknown version");
  }
  MessageHead head;
  head.uid = static_cast<std::uint32_t>(lines.number("uid", UINT32_MAX));
  head.login = lines.text("login");
  head.peer = lines.text("peer");
  head.arrival_us = static_cast<WallUs>(lines.number("arrival", INT64_MAX));
  head.message_length = lines.number("message", kMaxBytes);
  head.envelope_length = lines.number("envelope", kMaxBytes);
  head.recipients = static_cast<std::uint32_t>(lines.number("recipients", UINT32_MAX - 1));
  head.hops = static_cast<std::uint32_t>(lines.number("hops", UINT32_MAX));
  head.eight_bit = lines.number("eight_bit", 1) != 0;
  head.checksum = static_cast<std::uint32_t>(lines.number("crc32c", UINT32_MAX));
  if (!lines.wrong().empty()) return fail("head: bad line: " + std::string(lines.wrong()));
  if (lines.rest().find_first_not_of('\0') != std::string_view::npos)
    return fail("head: bytes after the last line");
  if (head.recipients == 0) return fail("head: no recipients");
  return head;
}

std::optional<Mark> parse_mark(char c) {
  switch (static_cast<Mark>(c)) {
  case Mark::pending:
  case Mark::delivered:
  case Mark::delivered_owed:
  case Mark::delivered_told:
  case Mark::failed:
  case Mark::reported:
  case Mark::expanded: return static_cast<Mark>(c);
  }
  return std::nullopt;
}

bool open(Mark mark) {
  return mark == Mark::pending || mark == Mark::delivered_owed || mark == Mark::failed;
}

bool may_follow(Mark before, Mark after) {
  switch (before) {
  case Mark::pending: return after != Mark::pending;
  case Mark::delivered_owed: return after == Mark::delivered_told;
  case Mark::failed: return after == Mark::reported;
  case Mark::delivered:
  case Mark::delivered_told:
  case Mark::reported:
  case Mark::expanded: return false;
  }
  return false;
}

} // namespace waypost
