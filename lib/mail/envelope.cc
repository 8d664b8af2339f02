#include "lib/mail/envelope.h"

#include <algorithm>

#include "lib/mail/xtext.h"
#include "lib/sys/text.h"

namespace waypost {
namespace {

constexpr std::size_t kMaxEnvid = 100; // RFC 3461 4.4
constexpr std::size_t kMaxOrcpt = 500; // RFC 3461 4.2
constexpr std::size_t kMaxLogin = 100; // has its place in the head
constexpr std::size_t kMaxPeer = 64;

void append_field(std::string& out, char letter, std::string_view value) {
  out += letter;
  out += value;
  out += '\0';
}

bool printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

// RFC 3461 4.4: xtext that stands for printable ASCII, spaces among it.
bool valid_envid(std::string_view text) {
  const std::optional<std::string> id = decode_xtext(text);
  return !text.empty() && text.size() <= kMaxEnvid && id &&
         std::ranges::all_of(*id, [](char c) { return c >= ' ' && c < 0x7F; });
}

Result<> bad(std::string_view what, std::string_view value) {
  std::string text = "envelope: bad ";
  text += what;
  text += ": ";
  text += printable(value.substr(0, 200));
  return fail(std::move(text));
}

} // namespace

std::string Notify::text() const {
  if (!given) return {};
  if (never()) return "NEVER";
  std::string all;
  const auto word = [&](bool on, std::string_view text) {
    if (!on) return;
    if (!all.empty()) all += ',';
    all += text;
  };
  word(success, "SUCCESS");
  word(failure, "FAILURE");
  word(delay, "DELAY");
  return all;
}

std::optional<Notify> Notify::parse(std::string_view text) {
  Notify notify{true, false, false, false};
  if (equal_ignoring_case(text, "NEVER")) return notify;
  for (const std::string_view word : split(text, ',')) {
    if (equal_ignoring_case(word, "SUCCESS")) {
      notify.success = true;
    } else if (equal_ignoring_case(word, "FAILURE")) {
      notify.failure = true;
    } else if (equal_ignoring_case(word, "DELAY")) {
      notify.delay = true;
    } else {
      return std::nullopt;
    }
  }
  return notify;
}

std::string encode(const EnvelopeSender& sender) {
  std::string out;
  append_field(out, 'F', sender.sender.text());
  if (sender.ret != DsnReturn::unset)
    append_field(out, 'R', sender.ret == DsnReturn::full ? "FULL" : "HDRS");
  if (!sender.envid.empty()) append_field(out, 'V', sender.envid);
  if (sender.body != BodyType::unknown) {
    append_field(out, 'B', sender.body == BodyType::seven_bit ? "7BIT" : "8BITMIME");
  }
  if (sender.utf8) append_field(out, 'U', "");
  return out;
}

std::string encode(const EnvelopeRecipient& recipient) {
  std::string out;
  append_field(out, 'T', recipient.address.text());
  if (recipient.notify.given) append_field(out, 'N', recipient.notify.text());
  if (!recipient.orcpt.empty()) append_field(out, 'O', recipient.orcpt);
  return out;
}

Result<bool> EnvelopeParser::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (stage_ == Stage::ended) return fail("envelope: bytes after its end");
    const std::size_t end = bytes.find('\0');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMaxField) {
      return std::unexpected(Error{ENAMETOOLONG, "envelope: a field is longer than 2048 bytes"});
    }
    partial_ += piece;
    if (end == std::string_view::npos) return false;
    bytes.remove_prefix(end + 1);
    const Result<> taken = take(partial_);
    if (!taken) return std::unexpected(taken.error());
    partial_.clear();
  }
  return stage_ == Stage::ended;
}

Result<> EnvelopeParser::finish() {
  if (!partial_.empty()) return fail("envelope: the last field has no end");
  return stage_ == Stage::ended ? Result<>() : take("");
}

Result<> EnvelopeParser::take(std::string_view field) {
  if (field.empty()) {
    if (stage_ == Stage::start) return fail("envelope: no sender");
    if (stage_ == Stage::sender) return fail("envelope: no recipients");
    const Result<> flushed = flush();
    stage_ = Stage::ended;
    return flushed;
  }
  const char letter = field.front();
  const std::string_view value = field.substr(1);
  if (stage_ == Stage::start) {
    if (letter != 'F') return fail("envelope: does not begin with F");
    const Result<Address> sender = Address::parse(value);
    if (!sender) return std::unexpected(sender.error());
    sender_.sender = *sender;
    stage_ = Stage::sender;
    return {};
  }
  if (letter == 'T') {
    const Result<Address> address = Address::parse(value);
    if (!address) return std::unexpected(address.error());
    if (address->null()) return fail("envelope: empty recipient");
    const Result<> flushed = flush();
    if (!flushed) return flushed;
    recipient_ = {*address, {}, {}};
    stage_ = Stage::recipient;
    return {};
  }
  return stage_ == Stage::sender ? sender_field(letter, value) : recipient_field(letter, value);
}

// What was gathered is whole: hand it on.
Result<> EnvelopeParser::flush() {
  return stage_ == Stage::sender ? sink_.on_sender(sender_) : sink_.on_recipient(recipient_);
}

Result<> EnvelopeParser::sender_field(char letter, std::string_view value) {
  switch (letter) {
  case 'R':
    if (value != "FULL" && value != "HDRS") return bad("RET", value);
    sender_.ret = value == "FULL" ? DsnReturn::full : DsnReturn::headers;
    return {};
  case 'V':
    if (!valid_envid(value)) return bad("ENVID", value);
    sender_.envid = value;
    return {};
  case 'B':
    if (value != "7BIT" && value != "8BITMIME") return bad("BODY", value);
    sender_.body = value == "7BIT" ? BodyType::seven_bit : BodyType::eight_bit_mime;
    return {};
  case 'U':
    if (!value.empty()) return bad("SMTPUTF8", value);
    sender_.utf8 = true;
    return {};
  case 'A':
    if (value.empty() || value.size() > kMaxLogin || !printable_ascii(value))
      return bad("login", value);
    sender_.login = value;
    return {};
  case 'P':
    if (value.empty() || value.size() > kMaxPeer || !printable_ascii(value))
      return bad("peer", value);
    sender_.peer = value;
    return {};
  default: return bad("field after the sender", std::string(1, letter));
  }
}

Result<> EnvelopeParser::recipient_field(char letter, std::string_view value) {
  switch (letter) {
  case 'N': {
    const std::optional<Notify> notify = Notify::parse(value);
    if (!notify) return bad("NOTIFY", value);
    recipient_.notify = *notify;
    return {};
  }
  case 'O':
    if (value.size() > kMaxOrcpt || !valid_orcpt(value)) return bad("ORCPT", value);
    recipient_.orcpt = value;
    return {};
  default: return bad("field after a recipient", std::string(1, letter));
  }
}

} // namespace waypost
